/** All broadcasts: found by name and status, each with how far it has come. */
import { Button, CloseButton, Group, Select, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback, useDocumentTitle } from "@mantine/hooks";
import { IconPlus, IconSearch, IconSend } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useBroadcasts, useCreateBroadcast } from "@/api/broadcasts";
import { inWords } from "@/api/problem";
import type { BroadcastStatus } from "@/api/types";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { broadcastStatuses, broadcastStatusWord } from "@/ui/Status";
import { BroadcastTable } from "./BroadcastTable";
import { useDelayedDelete } from "./useDelayedDelete";
import classes from "./BroadcastList.module.css";

const statusChoices = broadcastStatuses.map((status) => ({ value: status, label: broadcastStatusWord(status) }));

export function BroadcastList() {
  useDocumentTitle("Broadcasts · Clarion");
  const { q = "", status } = useSearch({ from: "/broadcasts" });
  const list = useBroadcasts(q, status === undefined ? [] : [status]);
  const { hidden, remove } = useDelayedDelete();
  const lines = list.data?.pages.flatMap((page) => page.broadcasts).filter((line) => !hidden.has(line.id));
  const isFiltered = q !== "" || status !== undefined;
  const isOffline = list.fetchStatus === "paused";

  return (
    <div className={classes["page"]}>
      <Group justify="space-between" mb="md">
        <Title order={1}>Broadcasts</Title>
        {lines !== undefined && (lines.length > 0 || isFiltered) && <NewBroadcast />}
      </Group>
      <Filters q={q} status={status} isShown={isFiltered || lines === undefined || lines.length > 0} />
      {(isOffline || list.isError) && lines !== undefined && (
        <div className={classes["above"]}>
          <Notice kind="offline">{inWords(list.error)}</Notice>
        </div>
      )}
      <div className={lines?.length === 0 ? undefined : "surface"}>
        {lines === undefined && (isOffline || list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <div style={{ padding: 12 }}><WaitingRows rows={8} /></div>)}
        {lines?.length === 0 && (isFiltered ? <NothingFound /> : <FirstBroadcast />)}
        {lines !== undefined && lines.length > 0 && (
          <>
            <BroadcastTable lines={lines} isStale={list.isPlaceholderData} onDelete={remove} />
            <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </div>
    </div>
  );
}

function NewBroadcast() {
  const create = useCreateBroadcast();
  const navigate = useNavigate();
  const start = () =>
    create.mutate(undefined, {
      onSuccess: ({ id }) => void navigate({ to: "/broadcasts/$id/type", params: { id } }),
    });
  return (
    <div>
      <Button leftSection={<IconPlus size={16} aria-hidden />} loading={create.isPending} onClick={start}>
        New broadcast
      </Button>
      {create.isError && <Notice kind="bad" isAlert>{inWords(create.error)}</Notice>}
    </div>
  );
}

function Filters({ q, status, isShown }: { q: string; status: BroadcastStatus | undefined; isShown: boolean }) {
  const navigate = useNavigate({ from: "/broadcasts" });
  const [text, setText] = useState(q);
  const [before, setBefore] = useState(q);
  if (q !== before) {
    setBefore(q);
    // "Show all broadcasts" empties the field, too.
    if (q === "") setText("");
  }
  const search = useDebouncedCallback((next: string) => {
    void navigate({ search: (others) => ({ ...others, q: next.trim() === "" ? undefined : next.trim() }), replace: true });
  }, 200);
  const type = (next: string) => {
    setText(next);
    search(next);
  };
  if (!isShown) return null;
  return (
    <Group gap="sm" mb="md">
      <TextInput
        className={classes["search"]}
        type="search"
        aria-label="Search broadcasts"
        placeholder="Search by name"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Select
        className={classes["status"]}
        aria-label="Status"
        placeholder="Any status"
        clearable
        data={statusChoices}
        value={status ?? null}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, status: next ?? undefined }) })}
      />
    </Group>
  );
}

function FirstBroadcast() {
  return (
    <Empty icon={IconSend} title="No broadcasts yet" action={<NewBroadcast />}>
      A broadcast is one SMS to everyone who matches a filter. You see who gets it and what it costs before anything is sent.
    </Empty>
  );
}

function NothingFound() {
  const navigate = useNavigate({ from: "/broadcasts" });
  return (
    <Empty
      icon={IconSearch}
      title="No broadcast matches"
      action={<Button variant="default" onClick={() => void navigate({ search: {} })}>Show all broadcasts</Button>}
    >
      Try fewer letters or another status.
    </Empty>
  );
}
