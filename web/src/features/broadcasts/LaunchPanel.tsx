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
import { count } from "@/lib/format";
import { consequence, warning } from "@/lib/launch";
import { problemKey, problemSaid } from "@/lib/steps";
import type { Outlook } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./ReviewStep.module.css";

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
        <Notice key={problemKey(problem)} kind="todo">
          {problemSaid(problem, outlook)}
        </Notice>
      ))}
      <Button size="md" onClick={press} disabled={cannot || isStale || saving === "failed"} loading={launch.isPending}>
        {consequence(broadcast, outlook)}
      </Button>
      <Text size="xs" c="dimmed">
        It runs on the server. You can close this page.
      </Text>
      <TypeTheNumber recipients={asked} outlook={outlook} onCancel={() => setAsked(null)} onConfirm={(expected) => void send(expected)} />
    </div>
  );
}

interface TypeTheNumberProps {
  recipients: number | null;
  outlook: Outlook;
  onCancel: () => void;
  onConfirm: (recipients: number) => void;
}

function TypeTheNumber({ recipients, outlook, onCancel, onConfirm }: TypeTheNumberProps) {
  const { broadcast } = useDraft();
  const [typed, setTyped] = useState("");
  const action = consequence(broadcast, { ...outlook, will_send: recipients ?? 0 });
  const isRight = recipients !== null && isTyped(typed, recipients);
  const close = () => {
    setTyped("");
    onCancel();
  };
  return (
    <Modal opened={recipients !== null} onClose={close} title={action} closeButtonProps={{ "aria-label": "Close" }}>
      <form
        onSubmit={(event) => {
          event.preventDefault();
          if (isRight) onConfirm(recipients);
        }}
      >
        <Stack gap="md">
          <Text>
            {warning(broadcast, outlook, recipients ?? 0)}
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
              {action}
            </Button>
          </Group>
        </Stack>
      </form>
    </Modal>
  );
}
