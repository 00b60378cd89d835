/** Pause, resume, and cancel what has not left yet. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { IconBan, IconPlayerPause, IconPlayerPlay } from "@tabler/icons-react";
import { useState } from "react";
import { useCommands } from "@/api/broadcast";
import { inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { isTyped, mustType } from "@/lib/confirm";
import { count, countOf } from "@/lib/format";
import type { Tracking } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { unwritten } from "./shows";

/** It has not ended: it can be paused, cancelled, and sent otherwise. */
export const isUnderWay = ({ status }: Tracking): boolean => status === "scheduled" || status === "sending" || status === "paused";

export function Commands({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  const { pause, resume, cancel } = useCommands(broadcast.id);
  const [isAsking, setAsking] = useState(false);
  const { status } = tracking;
  const failed = [pause, resume, cancel].find(({ isError }) => isError);
  if (!isUnderWay(tracking)) return null;
  return (
    <>
      <Group gap={8}>
        {status === "sending" && (
          <Button variant="default" leftSection={<IconPlayerPause size={16} aria-hidden />} loading={pause.isPending} onClick={() => pause.mutate(undefined)}>
            Pause
          </Button>
        )}
        {status === "paused" && (
          <Button leftSection={<IconPlayerPlay size={16} aria-hidden />} loading={resume.isPending} onClick={() => resume.mutate(undefined)}>
            Resume
          </Button>
        )}
        <Button variant="default" leftSection={<IconBan size={16} aria-hidden />} onClick={() => setAsking(true)}>
          Cancel
        </Button>
      </Group>
      {failed !== undefined && <Notice kind="bad" isAlert>{inWords(failed.error)}</Notice>}
      {isAsking && (
        <ConfirmCancel
          unsent={tracking.pending + unwritten(tracking)}
          toCome={broadcast.steps.filter((step) => step.status === "scheduled").length}
          isSaving={tracking.saving.state === "saving"}
          isPending={cancel.isPending}
          onClose={() => setAsking(false)}
          onConfirm={() => cancel.mutate(undefined, { onSettled: () => setAsking(false) })}
        />
      )}
    </>
  );
}

interface ConfirmCancelProps {
  unsent: number;
  /** Steps that have not begun: their messages are not written, so they are not in the number. */
  toCome: number;
  /** Then the number is about. */
  isSaving: boolean;
  isPending: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

/** On a phone the number and its words need two lines. */
const WHOLE_LABEL = {
  root: { height: "auto", minHeight: "var(--button-height)", paddingBlock: 8 },
  label: { whiteSpace: "normal", height: "auto" },
} as const;

function ConfirmCancel({ unsent, toCome, isSaving, isPending, onClose, onConfirm }: ConfirmCancelProps) {
  // The number moves while it is typed; what counts is the one that was asked about.
  const [asked] = useState(unsent);
  const [typed, setTyped] = useState("");
  const isLarge = mustType(asked);
  const isRight = !isLarge || isTyped(typed, asked);
  const action = asked === 0 ? "Cancel the broadcast" : `Cancel ${isSaving ? "about" : "the"} ${countOf(asked, "message")} not yet sent`;
  return (
    <Modal opened onClose={onClose} title={action} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) onConfirm();
        }}
      >
        <Stack gap="md">
          <Text>What is not sent yet will never be sent. Messages already on the way still arrive.</Text>
          {asked > 0 && toCome > 0 && <Text>{`The ${toCome === 1 ? "step that has" : `${count(toCome)} steps that have`} not begun will not be sent either.`}</Text>}
          {isLarge && (
            <TextInput
              label={`Type ${count(asked)} to confirm`}
              inputMode="numeric"
              autoComplete="off"
              data-autofocus
              value={typed}
              onChange={(event) => setTyped(event.currentTarget.value)}
            />
          )}
          <Group justify="flex-end">
            <Button variant="default" onClick={onClose}>
              Keep sending
            </Button>
            <Button type="submit" color="red.9" disabled={!isRight} loading={isPending} styles={WHOLE_LABEL}>
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
