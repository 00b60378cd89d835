/** Takes a step out of the sequence; what was written in it, and who will miss it, is asked about, because it cannot be brought back. */
import { Button, Group, Modal, Stack, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useStepCommands, useStepEffects } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { countOf } from "@/lib/format";
import { fullTitleOf } from "@/lib/sequence/words";
import type { Step } from "@/api/types";
import { Notice } from "./Notice";

const isWritten = ({ body, subject, email }: Step) => body.trim() !== "" || subject.trim() !== "" || email !== null;

export function RemoveStep({ step, onRemoved }: { step: Step; onRemoved: () => void }) {
  const [isAsking, setAsking] = useState(false);
  const { broadcast } = useDraft();
  const { remove, removeStep } = useStepCommands();
  const effects = useStepEffects(broadcast);
  const isLaunched = broadcast.status !== "draft";
  const ask = () => {
    setAsking(true);
    // Who is still in the sequence, and would get it.
    if (isLaunched) effects.mutate({ id: step.id, edits: {} });
  };
  const people = effects.data?.people;
  const carryOut = () =>
    removeStep(step.id, () => {
      setAsking(false);
      onRemoved();
    });
  return (
    <>
      <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} loading={remove.isPending && !isAsking} onClick={() => (isLaunched || isWritten(step) ? ask() : carryOut())}>
        Remove
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title={`Remove ${fullTitleOf(step)}`} closeButtonProps={{ "aria-label": "Close" }}>
        <Stack gap="md">
          <Text>What is written in it goes with it. The other steps keep their days.</Text>
          {typeof people === "number" && <Text>{`${countOf(people, "person", "people")} still in the sequence will not get it.`}</Text>}
          {remove.isError && <Notice kind="bad" isAlert>{inWords(remove.error)}</Notice>}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Keep it
            </Button>
            <Button color="red.9" loading={remove.isPending} onClick={carryOut}>
              Remove step {step.position}
            </Button>
          </Group>
        </Stack>
      </Modal>
    </>
  );
}
