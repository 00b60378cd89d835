/** The matched contacts: the first ones live, more when asked for; searched and sorted by the server. */
import { Button } from "@mantine/core";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { useContacts, type SortBy } from "@/api/audience";
import { inWords } from "@/api/problem";
import type { AudienceFields, Contact, Group } from "@/api/types";
import { DataTable, type Column } from "@/ui/DataTable";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { usePerson } from "@/ui/People";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { columnFields, columnsFor, useChosenColumns, usualColumns } from "./columns";
import { PeopleToolbar } from "./PeopleToolbar";
import { nextSort, usePeopleView } from "./usePeopleView";

interface MatchedPeopleProps {
  /** The filter that these people match, which may be an older one than the filter being edited. */
  filter: Group;
  words: AudienceFields;
  first: Contact[];
  next: string | null;
  total: number | null;
  isStale: boolean;
  /** What a file of them is called. */
  name: string;
}

export function MatchedPeople(props: MatchedPeopleProps) {
  const { filter, words, first, isStale } = props;
  const view = usePeopleView();
  const [kept, keep] = useChosenColumns();
  const offered = columnFields(words, first);
  const chosen = kept ?? usualColumns(filter, offered);
  const columns = columnsFor(chosen, words, offered);
  const listed: ListedProps = { ...props, columns, sort: view.sort, onSort: (field) => view.setSort(nextSort(view.sort, field)) };
  const isPlain = view.search === "" && view.sort === null;
  return (
    <>
      <PeopleToolbar {...view} filter={filter} name={props.name} columns={columns} offered={offered} chosen={chosen} onSearch={view.setSearch} onSort={view.setSort} onColumns={keep} />
      {first.length === 0 && (
        <div className="figure" data-stale={isStale || undefined}>
          <Empty title="Nobody matches">Loosen a condition, or choose “Any” where “All” is too much.</Empty>
        </div>
      )}
      {/* Another filter starts with its first page again. */}
      {first.length > 0 && isPlain && <Pages key={JSON.stringify(filter)} {...listed} />}
      {first.length > 0 && !isPlain && <Found {...listed} search={view.search} />}
    </>
  );
}

interface ListedProps extends MatchedPeopleProps {
  columns: Column<Contact>[];
  sort: SortBy | null;
  onSort: (field: string) => void;
}

function Pages({ filter, columns, sort, onSort, first, next, total, isStale }: ListedProps) {
  const [isWanted, setWanted] = useState(false);
  // The first page may be renewed by itself; what follows stays where it was asked for.
  const [from, setFrom] = useState(next);
  const more = useContacts({ filter }, { from, isWanted });
  const later = isWanted ? (more.data?.pages.flatMap((page) => page.contacts) ?? []) : [];
  const known = new Set(first.map(({ id }) => id));
  const rows = [...first, ...later.filter(({ id }) => !known.has(id))];
  const showMore = () => {
    if (isWanted) {
      void more.fetchNextPage();
      return;
    }
    setFrom(next);
    setWanted(true);
  };
  return (
    <>
      <DataTable label="Matched contacts" columns={columns} rows={rows} keyOf={({ id }) => id} isStale={isStale} total={total ?? undefined} sorted={sort} onSort={onSort} />
      {more.isError && <Notice kind="bad" isAlert>{inWords(more.error)}</Notice>}
      <LoadMore label="Show more" hasMore={isWanted ? more.hasNextPage : next !== null} isLoading={more.isFetching} onMore={showMore} />
    </>
  );
}

/** Searched or sorted: asked of the server, and again when the contacts have moved. */
function Found({ filter, columns, sort, onSort, search, first, total, isStale }: ListedProps & { search: string }) {
  const { openCheck } = usePerson();
  const pages = useContacts({ filter, sort, search: search === "" ? null : search }, { isWanted: true });
  const seen = useRef(first);
  const renew = useEffectEvent(() => void pages.refetch());
  useEffect(() => {
    if (seen.current === first) return;
    seen.current = first;
    renew();
  }, [first]);
  const rows = pages.data?.pages.flatMap((page) => page.contacts);
  if (rows === undefined) return pages.error === null ? <WaitingRows /> : <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  if (rows.length === 0) {
    return (
      <Empty
        title="Nobody found"
        action={
          <Button variant="default" onClick={openCheck}>
            Check a person
          </Button>
        }
      >
        None of those who match has this name, number or email. Somebody you miss can be looked up among all contacts.
      </Empty>
    );
  }
  return (
    <>
      <DataTable label="Matched contacts" columns={columns} rows={rows} keyOf={({ id }) => id} isStale={isStale || pages.isPlaceholderData} total={search === "" ? (total ?? undefined) : undefined} sorted={sort} onSort={onSort} />
      {pages.isError && <Notice kind="bad" isAlert>{inWords(pages.error)}</Notice>}
      <LoadMore label="Show more" hasMore={pages.hasNextPage} isLoading={pages.isFetchingNextPage} onMore={() => void pages.fetchNextPage()} />
    </>
  );
}
