/** Every message, narrowed by status and search; both are in the address. */
import { CloseButton, Group, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useMessages } from "@/api/messages";
import { inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { soon } from "@/lib/format";
import type { BroadcastType, Message, Tracking } from "@/api/types";
import { Email, Phone } from "@/ui/Address";
import { DataTable, RowOpener, type Column } from "@/ui/DataTable";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { MessageStatusChip } from "@/ui/Status";
import { Narrow } from "./Narrow";
import { MessageDrawer, useOpenMessage } from "./MessageDrawer";
import { mainShows, moreShows, showOf } from "./shows";
import classes from "./Tracking.module.css";

const timeOf = (message: Message) =>
  soon(message.delivered_at ?? message.failed_at ?? message.sent_at ?? message.updated_at);

/** Why it failed or waits; the code stays in what the row opens. */
function whyOf({ error, skip_reason: skipped, next_try_at: next }: Message): string | null {
  const again = next === null ? [] : [new Date(next) > new Date() ? `Tried again at ${soon(next)}.` : "Tried again soon."];
  const said = [...(error === null ? [] : [error.words]), ...(skipped === null ? [] : [skipped]), ...again];
  return said.length === 0 ? null : said.join(" ");
}

function Opener({ message }: { message: Message }) {
  const { openMessage } = useOpenMessage();
  const name = message.name || "No name";
  return (
    <RowOpener label={`${name}, what happened to this message`} onOpen={() => openMessage(message.id)}>
      {name}
    </RowOpener>
  );
}

const columnsOf = (type: BroadcastType): Column<Message>[] => [
  { id: "name", label: "Name", isTitle: true, cell: (message) => <Opener message={message} /> },
  type === "sms"
    ? { id: "number", label: "Number", cell: (message) => <Phone number={message.address} /> }
    : { id: "number", label: "Address", cell: ({ address }) => (address.includes("@") ? <Email address={address} /> : <Phone number={address} />) },
  { id: "status", label: "Status", cell: (message) => <MessageStatusChip status={message.status} /> },
  { id: "time", label: "Time", isNumber: true, cell: timeOf },
  ...(type === "email" ? [] : [{ id: "segments", label: "Segments", isNumber: true, cell: (message: Message) => message.segments }]),
  { id: "why", label: "Reason", isWide: true, width: "32%", cell: whyOf },
];

export function MessageTable({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  const { show: chosen, q = "", of, by } = useSearch({ from: "/broadcasts/$id/tracking" });
  const show = showOf(chosen);
  const expected = show?.valueOf(tracking) ?? 0;
  const isMoving = tracking.completed_at === null || tracking.on_the_way > 0;
  const counts = [isMoving, ...[...mainShows, ...moreShows].map(({ valueOf }) => valueOf(tracking))].join();
  const messages = useMessages(
    broadcast.id,
    { status: show?.status ?? [], search: q, ...(of === undefined ? {} : { step_id: of }), ...(by === undefined ? {} : { channel: by }) },
    { isMoving, expected, counts },
  );
  const rows = messages.data?.pages.flatMap((page) => page.messages);
  const isBehind = rows?.length === 0 && q === "" && of === undefined && by === undefined && expected > 0;
  const isNarrowed = q !== "" || of !== undefined || by !== undefined || show?.id !== "recipients";

  return (
    <section id="messages" className={`surface ${classes["messages"] ?? ""}`} aria-label="Messages">
      <Group justify="space-between" px={16} py={12} gap={8}>
        <Title order={2}>{show === undefined || show.id === "recipients" ? "All messages" : `${show.word} messages`}</Title>
        <Narrow />
        <Search q={q} hint={broadcast.broadcast_type === "sms" ? "Name or number" : "Name or address"} />
      </Group>
      {messages.isError && rows !== undefined && <Notice kind="offline">{inWords(messages.error)}</Notice>}
      {(rows === undefined || isBehind) &&
        (messages.isError ? <Failed error={messages.error} onRetry={() => void messages.refetch()} /> : <div style={{ padding: 12 }}><WaitingRows rows={8} /></div>)}
      {rows?.length === 0 && !isBehind && (isNarrowed ? <Empty title="No message here">No message is like this now.</Empty> : <NotYet tracking={tracking} />)}
      {rows !== undefined && rows.length > 0 && (
        <>
          <DataTable label="Messages" columns={columnsOf(broadcast.broadcast_type)} rows={rows} keyOf={({ id }) => id} isStale={messages.isPlaceholderData} />
          <LoadMore hasMore={messages.hasNextPage} isLoading={messages.isFetchingNextPage} onMore={() => void messages.fetchNextPage()} />
        </>
      )}
      <MessageDrawer />
    </section>
  );
}

function NotYet({ tracking }: { tracking: Tracking }) {
  const { starts_at: starts, status } = tracking;
  if (status === "scheduled" && starts !== null) return <Empty title="Nothing sent yet">The messages are written when it starts, {soon(starts)}.</Empty>;
  return <Empty title="No messages yet">They appear here as soon as they are written.</Empty>;
}

function Search({ q, hint }: { q: string; hint: string }) {
  const navigate = useNavigate({ from: "/broadcasts/$id/tracking" });
  const [text, setText] = useState(q);
  const search = useDebouncedCallback((next: string) => {
    void navigate({ search: (before) => ({ ...before, q: next.trim() === "" ? undefined : next.trim() }), replace: true, resetScroll: false });
  }, 200);
  const type = (next: string) => {
    setText(next);
    search(next);
  };
  return (
    <TextInput
      className={classes["search"]}
      type="search"
      aria-label="Search messages"
      placeholder={hint}
      leftSection={<IconSearch size={16} aria-hidden />}
      rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
      value={text}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}

