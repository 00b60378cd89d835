/** What a step is called, on which channel it goes, and what can be done with it. */
import { Button, Group, Text, TextInput } from "@mantine/core";
import { IconCalendarClock, IconCopy } from "@tabler/icons-react";
import { useState } from "react";
import { hasBegun } from "@/api/ofStep";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { inWords } from "@/api/problem";
import { ChannelFields } from "@/ui/ChannelFields";
import { useChosenStep, useStepPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import { RemoveStep } from "@/ui/RemoveStep";
import classes from "./Compose.module.css";

export function StepHead({ isSequence }: { isSequence: boolean }) {
  const { step, generation } = useDraft();
  return (
    <div className={classes["head"]}>
      {isSequence && (
        <div className={classes["naming"]}>
          <NameField key={`${generation} ${step.id}`} />
          <Actions />
        </div>
      )}
      <ChannelFields />
    </div>
  );
}

function NameField() {
  const { step, isReadOnly, change, faults } = useDraft();
  const [name, setName] = useState(step.name);
  return (
    <TextInput
      className={classes["name"]}
      label="Name of the step"
      description="Only your team sees it."
      placeholder={`Step ${step.position}`}
      maxLength={100}
      disabled={isReadOnly}
      value={name}
      error={faults.find(({ pointer }) => pointer === "/name")?.detail}
      onChange={(event) => {
        setName(event.currentTarget.value);
        change({ step: { name: event.currentTarget.value.trim() } });
      }}
    />
  );
}

function Actions() {
  const { broadcast, step } = useDraft();
  const { duplicate } = useStepCommands();
  const { choose } = useChosenStep();
  const { open } = useStepPanel();
  const canAdd = broadcast.status === "draft";
  return (
    <>
      <Group gap={8}>
        <Button variant="default" leftSection={<IconCalendarClock size={16} aria-hidden />} onClick={() => open(step.id)}>
          Time and people
        </Button>
        {canAdd && (
          <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} loading={duplicate.isPending} onClick={() => duplicate.mutate(step.id, { onSuccess: choose })}>
            Duplicate
          </Button>
        )}
        {canAdd && !hasBegun(step) && <RemoveStep step={step} onRemoved={() => choose(null)} />}
      </Group>
      {duplicate.isError && <Notice kind="bad" isAlert>{inWords(duplicate.error)}</Notice>}
      {broadcast.status !== "draft" && hasBegun(step) && <Text c="dimmed">This step has begun.</Text>}
    </>
  );
}
