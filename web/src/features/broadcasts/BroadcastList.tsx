/** All broadcasts: found by name and status, each with how far it has come. */
import { Button, Group, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconArchive, IconPlus, IconSearch, IconSend } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useBroadcasts, useCreateBroadcast } from "@/api/broadcasts";
import { inWords } from "@/api/problem";
import { orderOf, soughtBy } from "@/lib/broadcastOrder";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { BroadcastFilters } from "./BroadcastFilters";
import { BroadcastTable } from "./BroadcastTable";
import { useDelayedDelete } from "./useDelayedDelete";
import classes from "./BroadcastList.module.css";

export function BroadcastList() {
  useDocumentTitle("Broadcasts · Clarion");
  const { q = "", status, type, author, order, archived = false } = useSearch({ from: "/broadcasts" });
  const list = useBroadcasts({
    search: q,
    ...(status && { status: [status] }),
    ...(type && { type: [type] }),
    ...(author !== undefined && { author: [author] }),
    ...soughtBy(orderOf(order)),
    archived,
  });
  const { hidden, remove } = useDelayedDelete();
  const lines = list.data?.pages.flatMap((page) => page.broadcasts).filter((line) => !hidden.has(line.id));
  const isFiltered = [q === "" ? undefined : q, status, type, author].some((each) => each !== undefined);
  const isOffline = list.fetchStatus === "paused";

  return (
    <div className={classes["page"]}>
      <Group justify="space-between" mb="md">
        <Title order={1}>Broadcasts</Title>
        {lines !== undefined && (lines.length > 0 || isFiltered || archived) && <NewBroadcast />}
      </Group>
      {(isFiltered || archived || lines === undefined || lines.length > 0) && <BroadcastFilters />}
      {(isOffline || list.isError) && lines !== undefined && (
        <div className={classes["above"]}>
          <Notice kind="offline">{inWords(list.error)}</Notice>
        </div>
      )}
      <div className={lines?.length === 0 ? undefined : "surface"}>
        {lines === undefined && (isOffline || list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <div style={{ padding: 12 }}><WaitingRows rows={8} /></div>)}
        {lines?.length === 0 && (isFiltered ? <NothingFound /> : archived ? <EmptyArchive /> : <FirstBroadcast />)}
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

function FirstBroadcast() {
  return (
    <Empty icon={IconSend} title="No broadcasts yet" action={<NewBroadcast />}>
      A broadcast is an SMS, an email or both to everyone who matches a filter, once or over several days. You see who gets it and
      what it costs before anything is sent.
    </Empty>
  );
}

function EmptyArchive() {
  const navigate = useNavigate({ from: "/broadcasts" });
  return (
    <Empty
      icon={IconArchive}
      title="The archive is empty"
      action={<Button variant="default" onClick={() => void navigate({ search: {} })}>Show all broadcasts</Button>}
    >
      Drafts and broadcasts that have ended can be archived from the list. Nothing of them is lost.
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
      Try fewer letters or another filter.
    </Empty>
  );
}
