/** One step beside the screen: when it is sent, on whose clock, and who gets it. */
import { Button, Drawer, Group, Stack, TextInput } from "@mantine/core";
import { IconCopy, IconPencil } from "@tabler/icons-react";
import { useState } from "react";
import { hasBegun, OfStep, useHeld } from "@/api/ofStep";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { fullTitleOf } from "@/lib/sequence/words";
import { ChannelFields } from "@/ui/ChannelFields";
import { useStepPanel } from "@/ui/inAddress";
import { ButtonLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { RemoveStep } from "@/ui/RemoveStep";
import { SaveHeld } from "@/ui/SaveHeld";
import { ConditionFields } from "./ConditionFields";
import { TimeFields } from "./TimeFields";
import { WindowFields } from "./WindowFields";
import classes from "./StepDrawer.module.css";

export function StepDrawer() {
  const { broadcast } = useDraft();
  const { editing, open } = useStepPanel();
  const step = broadcast.steps.find(({ id }) => id === editing);
  return (
    <Drawer opened={step !== undefined} onClose={() => open(null)} position="right" size={520} title={step === undefined ? "" : fullTitleOf(step)} closeButtonProps={{ "aria-label": "Close" }}>
      {step !== undefined && (
        <OfStep key={step.id} id={step.id}>
          <Panel onClose={() => open(null)} />
        </OfStep>
      )}
    </Drawer>
  );
}

function Panel({ onClose }: { onClose: () => void }) {
  const { broadcast, step, isReadOnly, generation } = useDraft();
  const isSequence = broadcast.steps.length > 1;
  const held = useHeld();
  return (
    <Stack gap="lg">
      {isReadOnly && <Notice kind="info">{hasBegun(step) ? "This step has begun, so it can be read but not changed." : "This broadcast has ended, so it can be read but not changed."}</Notice>}
      {isSequence && <NameField key={`name ${generation}`} />}
      <ChannelFields />
      <TimeFields key={`time ${generation}`} />
      <WindowFields key={`window ${generation}`} />
      <ConditionFields />
      {held?.isEmpty === true && (
        <div>
          <MessageLink word="Change its message" />
        </div>
      )}
      {held !== null ? <SaveHeld onSaved={onClose} /> : <Actions onClose={onClose} />}
      {held?.isEmpty === true && isSequence && (
        <div>
          <RemoveStep step={step} onRemoved={onClose} />
        </div>
      )}
    </Stack>
  );
}

function NameField() {
  const { step, isReadOnly, change, faults } = useDraft();
  const [name, setName] = useState(step.name);
  return (
    <TextInput
      label="Name of the step"
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

function MessageLink({ word }: { word: string }) {
  const { broadcast, step } = useDraft();
  return (
    <ButtonLink variant="default" to="/broadcasts/$id/compose" params={{ id: broadcast.id }} search={{ step: step.id }} leftSection={<IconPencil size={16} aria-hidden />}>
      {word}
    </ButtonLink>
  );
}

function Actions({ onClose }: { onClose: () => void }) {
  const { broadcast, step } = useDraft();
  const { duplicate } = useStepCommands();
  const { open } = useStepPanel();
  const isDraft = broadcast.status === "draft";
  const isSequence = broadcast.steps.length > 1;
  return (
    <div className={classes["actions"]}>
      {duplicate.isError && <Notice kind="bad" isAlert>{inWords(duplicate.error)}</Notice>}
      <Group gap={8}>
        <Button onClick={onClose}>Done</Button>
        <MessageLink word={isDraft ? "Write its message" : "Read its message"} />
        {isDraft && (
          <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} loading={duplicate.isPending} onClick={() => duplicate.mutate(step.id, { onSuccess: open })}>
            Duplicate
          </Button>
        )}
        {isDraft && isSequence && <RemoveStep step={step} onRemoved={onClose} />}
      </Group>
    </div>
  );
}
