/** All segments, found by name. */
import { Button, CloseButton, Group, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback, useDocumentTitle } from "@mantine/hooks";
import { IconArrowsJoin, IconPlus, IconSearch, IconUsersGroup } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useAudienceFields } from "@/api/audience";
import { inWords } from "@/api/problem";
import { useSegments } from "@/api/segments";
import { sampleFrom } from "@/lib/segments";
import { sentence } from "@/lib/filter/sentence";
import { ButtonLink, TextLink } from "@/ui/links";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { useHidden } from "./deletions";
import { SegmentTable } from "./SegmentTable";
import { useDelete } from "./useDelete";
import classes from "./Segments.module.css";

export function SegmentList() {
  useDocumentTitle("Segments · Clarion");
  const { q = "" } = useSearch({ from: "/segments" });
  const list = useSegments(q);
  const hidden = useHidden();
  const { ask, dialog } = useDelete();
  const lines = list.data?.pages.flatMap(({ segments }) => segments).filter(({ id }) => !hidden.has(id));
  const isSearched = q !== "";
  const isOffline = list.fetchStatus === "paused";

  return (
    <div className={classes["page"]}>
      <Group justify="space-between" mb="md">
        <Title order={1}>Segments</Title>
        {lines !== undefined && (lines.length > 0 || isSearched) && (
          <Group gap="sm">
            <ButtonLink to="/segments/combine" variant="default" leftSection={<IconArrowsJoin size={16} aria-hidden />}>
              Combine segments
            </ButtonLink>
            <NewSegmentLink />
          </Group>
        )}
      </Group>
      {(isSearched || lines === undefined || lines.length > 0) && <Search q={q} />}
      {(isOffline || list.isError) && lines !== undefined && (
        <div className={classes["above"]}>
          <Notice kind="offline">{inWords(list.error)}</Notice>
        </div>
      )}
      <div className={lines?.length === 0 ? undefined : "surface"}>
        {lines === undefined && (isOffline || list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <div style={{ padding: 12 }}><WaitingRows rows={8} /></div>)}
        {lines?.length === 0 && (isSearched ? <NothingFound /> : <FirstSegment />)}
        {lines !== undefined && lines.length > 0 && (
          <>
            <SegmentTable lines={lines} isStale={list.isPlaceholderData} onDelete={ask} />
            <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
          </>
        )}
      </div>
      {dialog}
    </div>
  );
}

const NewSegmentLink = () => (
  <ButtonLink to="/segments/new" leftSection={<IconPlus size={16} aria-hidden />}>
    New segment
  </ButtonLink>
);

function Search({ q }: { q: string }) {
  const navigate = useNavigate({ from: "/segments" });
  const [text, setText] = useState(q);
  const [before, setBefore] = useState(q);
  if (q !== before) {
    setBefore(q);
    // "Show all segments" empties the field, too.
    if (q === "") setText("");
  }
  const search = useDebouncedCallback((next: string) => {
    const wanted = next.trim();
    void navigate({ search: wanted === "" ? {} : { q: wanted }, replace: true });
  }, 200);
  const type = (next: string) => {
    setText(next);
    search(next);
  };
  return (
    <Group mb="md">
      <TextInput
        className={classes["search"]}
        type="search"
        aria-label="Search segments"
        placeholder="Search by name"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
    </Group>
  );
}

function FirstSegment() {
  const { data: words } = useAudienceFields();
  const sample = words === undefined ? null : sampleFrom(words.fields);
  return (
    <Empty icon={IconUsersGroup} title="No segments yet" action={<NewSegmentLink />}>
      A filter with a name, for every broadcast that goes to the same people.
      {words !== undefined && sample !== null && (
        <div>
          For example:{" "}
          <TextLink to="/segments/new" search={{ sample: true }}>
            {sentence(sample, words)}
          </TextLink>
        </div>
      )}
    </Empty>
  );
}

function NothingFound() {
  const navigate = useNavigate({ from: "/segments" });
  return (
    <Empty
      icon={IconSearch}
      title="No segment matches"
      action={<Button variant="default" onClick={() => void navigate({ search: {} })}>Show all segments</Button>}
    >
      Try fewer letters.
    </Empty>
  );
}
