/** The matched contacts: the first ones live, more when asked for. */
import { useState } from "react";
import { useContacts } from "@/api/audience";
import { inWords } from "@/api/problem";
import { fieldValue, nameOf, plain } from "@/lib/contact";
import { fieldsUsed } from "@/lib/filter/tree";
import type { AudienceField, AudienceFields, Contact, Group } from "@/api/types";
import { Email, Phone, Whole } from "@/ui/Address";
import { DataTable, type Column } from "@/ui/DataTable";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty } from "@/ui/States";

const MOST_EXTRA = 3;
const shownAnyway = ["first_name", "last_name", "email", "phone_number"];

/** The fields of the filter; without any, what people look for first. */
function extraFields(filter: Group, { fields }: AudienceFields, first: Contact[]): AudienceField[] {
  // A column with a name of the CRM's own is told under the usual name only.
  const isCarried = (field: AudienceField) =>
    field.source === "metadata" || first.some((contact) => fieldValue(contact, field) !== undefined);
  const used = fieldsUsed(filter).flatMap((id) => fields.filter((field) => field.id === id));
  const usual = ["state", "tags"].flatMap((label) => fields.filter((field) => field.label.toLowerCase() === label));
  return [...new Set([...used, ...usual])].filter((field) => !shownAnyway.includes(field.id) && isCarried(field)).slice(0, MOST_EXTRA);
}

function columnsFor(filter: Group, words: AudienceFields, first: Contact[]): Column<Contact>[] {
  return [
    { id: "name", label: "Name", isTitle: true, cell: nameOf },
    { id: "phone", label: "Phone", cell: ({ phone_number: number }) => <Phone number={number} /> },
    { id: "email", label: "Email", isWide: true, cell: ({ email }) => <Email address={email} /> },
    ...extraFields(filter, words, first).map((field) => ({
      id: field.id,
      label: field.label,
      isNumber: field.type === "number",
      cell: (contact: Contact) => {
        const text = plain(fieldValue(contact, field));
        return field.type === "date" ? <Whole>{text}</Whole> : text;
      },
    })),
  ];
}

interface MatchedPeopleProps {
  /** The filter that these people match, which may be an older one than the filter being edited. */
  filter: Group;
  words: AudienceFields;
  first: Contact[];
  next: string | null;
  total: number | null;
  isStale: boolean;
}

export function MatchedPeople(props: MatchedPeopleProps) {
  if (props.first.length === 0) {
    return (
      <div className="figure" data-stale={props.isStale || undefined}>
        <Empty title="Nobody matches">Loosen a condition, or choose “Any” where “All” is too much.</Empty>
      </div>
    );
  }
  // Another filter starts with its first page again.
  return <Pages key={JSON.stringify(props.filter)} {...props} />;
}

function Pages({ filter, words, first, next, total, isStale }: MatchedPeopleProps) {
  const [isWanted, setWanted] = useState(false);
  // The first page may be renewed by itself; what follows stays where it was asked for.
  const [from, setFrom] = useState(next);
  const more = useContacts(filter, "matched", { from, isWanted });
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
      <DataTable label="Matched contacts" columns={columnsFor(filter, words, first)} rows={rows} keyOf={({ id }) => id} isStale={isStale} total={total ?? undefined} />
      {more.isError && <Notice kind="bad" isAlert>{inWords(more.error)}</Notice>}
      <LoadMore label="Show more" hasMore={isWanted ? more.hasNextPage : next !== null} isLoading={more.isFetching} onMore={showMore} />
    </>
  );
}
