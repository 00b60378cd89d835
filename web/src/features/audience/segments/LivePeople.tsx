/** How many match while the filter is edited, the filter in words, and the people behind the number. */
import { Text, Title } from "@mantine/core";
import { useState } from "react";
import { useContacts } from "@/api/audience";
import type { LiveAudience } from "@/api/liveAudience";
import { inWords } from "@/api/problem";
import { nameOf } from "@/lib/contact";
import { count } from "@/lib/format";
import type { Contact, Group } from "@/api/types";
import { Email, Phone } from "@/ui/Address";
import { Announce } from "@/ui/Announce";
import { DataTable, type Column } from "@/ui/DataTable";
import { Figure } from "@/ui/Figure";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, WaitingRows } from "@/ui/States";
import classes from "../Audience.module.css";

interface LivePeopleProps {
  live: LiveAudience;
  filter: Group;
  /** The filter in words. */
  said: string;
  /** The problem stands at a part of the builder already. */
  isProblemShown?: boolean;
  /** What these contacts do: match the filter, or belong to the segment. */
  verb?: string;
}

export function LivePeople({ live, filter, said, isProblemShown = false, verb = "match" }: LivePeopleProps) {
  const { matched, total, contacts, problem } = live;
  const isOffline = live.connection === "offline";
  const areStale = live.arePeopleStale || isOffline;
  const answered = live.answered ?? filter;
  const heard = matched === null || total === null ? "Counting" : `${count(matched)} of ${count(total)} contacts ${verb}`;
  return (
    <section aria-label="Matched contacts" className={classes["matched"]}>
      <div className={classes["summary"]}>
        <Title order={2} className={classes["number"]} data-testid="matched">
          <Figure value={matched} isStale={live.isNumberStale || isOffline} />
          <span className={classes["of"]}>
            {" of "}
            <Figure value={total} /> contacts {verb}
          </span>
        </Title>
        <Text c="dimmed" className={classes["sentence"]}>
          {said}
        </Text>
        <Announce>{heard}</Announce>
      </div>
      {isOffline && <Notice kind="offline">Offline: this number may be old. Your edits stay here.</Notice>}
      {problem !== null && !isProblemShown && <Notice kind="bad" isAlert>{problem.detail}</Notice>}
      {contacts === null && problem === null && (isOffline ? <Text c="dimmed" p={16}>{inWords(null)}</Text> : <WaitingRows />)}
      {contacts?.length === 0 && (
        <div className="figure" data-stale={areStale || undefined}>
          <Empty title="Nobody matches">Loosen a condition, or choose “Any” where “All” is too much.</Empty>
        </div>
      )}
      {contacts !== null && contacts.length > 0 && (
        // Another filter starts with its first page again.
        <Pages key={JSON.stringify(answered)} filter={answered} first={contacts} next={live.next} total={matched} isStale={areStale} />
      )}
    </section>
  );
}

const columns: Column<Contact>[] = [
  { id: "name", label: "Name", isTitle: true, cell: nameOf },
  { id: "phone", label: "Phone", cell: ({ phone_number: number }) => <Phone number={number} /> },
  { id: "email", label: "Email", isWide: true, cell: ({ email }) => <Email address={email} /> },
];

interface PagesProps {
  filter: Group;
  first: Contact[];
  next: string | null;
  total: number | null;
  isStale: boolean;
}

function Pages({ filter, first, next, total, isStale }: PagesProps) {
  // The first page may be renewed by itself; what follows stays where it was asked for.
  const [from, setFrom] = useState<string | null>(null);
  const isWanted = from !== null;
  const more = useContacts({ filter }, { from, isWanted });
  const known = new Set(first.map(({ id }) => id));
  const later = isWanted ? (more.data?.pages.flatMap(({ contacts }) => contacts) ?? []) : [];
  const rows = [...first, ...later.filter(({ id }) => !known.has(id))];
  return (
    <>
      <DataTable label="Matched contacts" columns={columns} rows={rows} keyOf={({ id }) => id} isStale={isStale} total={total ?? undefined} />
      {more.isError && <Notice kind="bad" isAlert>{inWords(more.error)}</Notice>}
      <LoadMore
        label="Show more"
        hasMore={isWanted ? more.hasNextPage || more.isPending : next !== null}
        isLoading={more.isFetching}
        onMore={() => (isWanted ? void more.fetchNextPage() : setFrom(next))}
      />
    </>
  );
}
