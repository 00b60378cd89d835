/** Sends again what failed and is safe to send again; before that it says how many, and why the others stay as they are. */
import { Button, Group, Modal, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useState } from "react";
import { hasStatus, inWords } from "@/api/problem";
import { useRetryFailed, useRetryPreview } from "@/api/retry";
import { useDraft } from "@/api/useDraft";
import { isTyped, mustType } from "@/lib/confirm";
import { count, countOf } from "@/lib/format";
import type { RetryPreview, Tracking } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { Failed, Later } from "@/ui/States";
import classes from "./Tracking.module.css";

const canRetry = ({ status, failed }: Tracking) => failed > 0 && (status === "sending" || status === "paused" || status === "completed");

export function RetryFailed({ tracking }: { tracking: Tracking }) {
  const [isOpen, setOpen] = useState(false);
  if (!canRetry(tracking) && !isOpen) return null;
  return (
    <>
      <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Retry failed
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Retry failed messages" size="lg" closeButtonProps={{ "aria-label": "Close" }}>
        {isOpen && <Dialog failed={tracking.failed} isPaused={tracking.status === "paused"} onClose={() => setOpen(false)} />}
      </Modal>
    </>
  );
}

interface DialogProps {
  failed: number;
  isPaused: boolean;
  onClose: () => void;
}

function Dialog({ failed, isPaused, onClose }: DialogProps) {
  const { broadcast } = useDraft();
  const preview = useRetryPreview(broadcast.id);
  const retry = useRetryFailed(broadcast.id);
  const { data } = preview;
  if (data === undefined) return preview.error === null ? <Waiting /> : <Failed error={preview.error} onRetry={() => void preview.refetch()} />;
  const hasMoved = hasStatus(retry.error, 409);
  return (
    <Stack gap="md">
      {retry.isError && (
        <Notice kind={hasMoved ? "care" : "bad"} isAlert>
          {inWords(retry.error)}
          {hasMoved && " Nothing was sent; these are the newest numbers."}
        </Notice>
      )}
      {data.problem !== null && <Notice kind="care">{data.problem}</Notice>}
      <Preview preview={data} failed={failed} isPaused={isPaused} />
      <Confirm
        key={data.will_retry}
        messages={data.problem === null ? data.will_retry : 0}
        isBusy={retry.isPending || preview.isFetching}
        onClose={onClose}
        onConfirm={() => retry.mutate(data.will_retry, { onSuccess: onClose })}
      />
    </Stack>
  );
}

function Preview({ preview, failed, isPaused }: { preview: RetryPreview; failed: number; isPaused: boolean }) {
  const { will_retry: messages, reasons, left_out: left, left_out_reasons: why, problem } = preview;
  const of = failed > messages ? ` of ${count(failed)}` : "";
  const lead = messages === 0 ? "None of the failed messages is safe to send again." : `Send ${count(messages)}${of} failed ${failed === 1 ? "message" : "messages"} again.`;
  return (
    <>
      {problem === null && (
        <Text>
          {lead}
          {messages > 0 && (isPaused ? " They wait until the broadcast is resumed." : " Each of them costs again what an SMS costs.")}
        </Text>
      )}
      {problem === null && messages > 0 && (
        <Reasons title="Sent again" lines={reasons.map(({ code, words, messages: number }) => ({ key: code, words, number }))} />
      )}
      {left > 0 && <Reasons title={`Left as they are: ${count(left)}`} lines={why.map(({ words, messages: number }) => ({ key: words, words, number }))} />}
    </>
  );
}

function Reasons({ title, lines }: { title: string; lines: { key: string; words: string; number: number }[] }) {
  return (
    <section aria-label={title}>
      <Title order={3}>{title}</Title>
      <ul className={classes["list"]}>
        {lines.map(({ key, words, number }) => (
          <li key={key}>
            {words} <span className="figure">{countOf(number, "message")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}

interface ConfirmProps {
  messages: number;
  isBusy: boolean;
  onClose: () => void;
  onConfirm: () => void;
}

function Confirm({ messages, isBusy, onClose, onConfirm }: ConfirmProps) {
  const [typed, setTyped] = useState("");
  const isRight = messages > 0 && (!mustType(messages) || isTyped(typed, messages));
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (isRight && !isBusy) onConfirm();
      }}
    >
      <Stack gap="md">
        {mustType(messages) && (
          <TextInput label={`Type ${count(messages)} to confirm`} inputMode="numeric" autoComplete="off" value={typed} onChange={(event) => setTyped(event.currentTarget.value)} />
        )}
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            {messages === 0 ? "Close" : "Go back"}
          </Button>
          {messages > 0 && (
            <Button type="submit" disabled={!isRight} loading={isBusy}>
              Send {count(messages)} again
            </Button>
          )}
        </Group>
      </Stack>
    </form>
  );
}

const Waiting = () => (
  <Later>
    <Stack gap={8} role="status" aria-label="Loading">
      <Skeleton h={22} w="60%" />
      <Skeleton h={34} />
      <Skeleton h={34} />
      <Skeleton h={36} w="40%" style={{ alignSelf: "flex-end" }} />
    </Stack>
  </Later>
);
