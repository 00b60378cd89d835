/** The button that names what it does, the number to type when it is a large one, and what the server said. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { useQueryClient } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { broadcastQuery, useLaunch } from "@/api/broadcast";
import { outlookQuery } from "@/api/outlook";
import { hasStatus, inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { isTyped, mustType } from "@/lib/confirm";
import { count, dayAndTime } from "@/lib/format";
import type { Outlook, Step } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./ReviewStep.module.css";

function consequence(recipients: number, step: Step): string {
  if (step.send_mode === "now") return `Send ${count(recipients)} SMS now`;
  const when = step.scheduled_at === null ? "later" : `for ${dayAndTime(step.scheduled_at, step.time_zone)}`;
  return `Schedule ${count(recipients)} SMS ${when}`;
}

export function LaunchPanel({ outlook, isStale }: { outlook: Outlook; isStale: boolean }) {
  const { broadcast, step, flush, saving, failure } = useDraft();
  const launch = useLaunch(broadcast.id);
  const cache = useQueryClient();
  const navigate = useNavigate();
  // The number that was asked about: it must not change under the hands of the person who types it.
  const [asked, setAsked] = useState<number | null>(null);

  const send = async (expected: number) => {
    await flush();
    setAsked(null);
    const version = cache.getQueryData(broadcastQuery(broadcast.id).queryKey)?.version ?? broadcast.version;
    try {
      // This panel is gone as soon as the broadcast is launched; the way on must not depend on it.
      await launch.mutateAsync({ version, expected_recipients: expected });
      await navigate({ to: "/broadcasts/$id/tracking", params: { id: broadcast.id } });
    } catch {
      void cache.invalidateQueries({ queryKey: outlookQuery(broadcast.id).queryKey });
      void cache.invalidateQueries({ queryKey: broadcastQuery(broadcast.id).queryKey });
    }
  };
  const press = () => {
    if (step.send_mode === "now" && mustType(outlook.will_send)) setAsked(outlook.will_send);
    else void send(outlook.will_send);
  };
  const cannot = outlook.problems.length > 0 || outlook.will_send === 0;

  return (
    <div className={classes["launch"]}>
      {saving === "failed" && failure !== null && (
        <Notice kind="bad" isAlert>
          The last change is not saved. {failure}
        </Notice>
      )}
      {launch.isError && (
        <Notice kind="bad" isAlert>
          {inWords(launch.error)}
          {hasStatus(launch.error, 409) && ` Nothing was sent. It is ${count(outlook.will_send)} now.`}
        </Notice>
      )}
      {outlook.problems.map((problem) => (
        <Notice key={problem.pointer + problem.detail} kind="todo">
          {problem.detail}
        </Notice>
      ))}
      <Button size="md" onClick={press} disabled={cannot || isStale || saving === "failed"} loading={launch.isPending}>
        {consequence(outlook.will_send, step)}
      </Button>
      <Text size="xs" c="dimmed">
        It runs on the server. You can close this page.
      </Text>
      <TypeTheNumber recipients={asked} onCancel={() => setAsked(null)} onConfirm={(expected) => void send(expected)} />
    </div>
  );
}

interface TypeTheNumberProps {
  recipients: number | null;
  onCancel: () => void;
  onConfirm: (recipients: number) => void;
}

function TypeTheNumber({ recipients, onCancel, onConfirm }: TypeTheNumberProps) {
  const [typed, setTyped] = useState("");
  const isRight = recipients !== null && isTyped(typed, recipients);
  const close = () => {
    setTyped("");
    onCancel();
  };
  return (
    <Modal opened={recipients !== null} onClose={close} title={`Send ${count(recipients ?? 0)} SMS now`} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) onConfirm(recipients);
        }}
      >
        <Stack gap="md">
          <Text>
            {count(recipients ?? 0)} people get this SMS as soon as you confirm. What has left cannot be called back.
          </Text>
          <TextInput
            label={`Type ${count(recipients ?? 0)} to confirm`}
            inputMode="numeric"
            autoComplete="off"
            data-autofocus
            value={typed}
            onChange={(event) => setTyped(event.currentTarget.value)}
          />
          <Group justify="flex-end">
            <Button variant="default" onClick={close}>
              Go back
            </Button>
            <Button type="submit" disabled={!isRight}>
              Send {count(recipients ?? 0)} SMS now
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
