/** The people behind a number, beside the screen that shows it. */
import { Anchor, Drawer, Stack, Text } from "@mantine/core";
import { useAudienceFields, useContacts, type Narrowing } from "@/api/audience";
import { useNames } from "@/api/named";
import { useOutlook } from "@/api/outlook";
import { useRecipients } from "@/api/recipients";
import { useTracking } from "@/api/tracking";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import { sentence } from "@/lib/filter/sentence";
import { count } from "@/lib/format";
import { askedFor, explanationOf, peopleOf, stepIn, titleOf, type People } from "@/lib/people";
import { anyReasonWords, inOrder, isLeftOut } from "@/lib/reasons";
import type { AnyLeftOutCount } from "@/api/types";
import { Email, Phone } from "@/ui/Address";
import { DataTable } from "@/ui/DataTable";
import { LoadMore } from "@/ui/LoadMore";
import { usePeople, usePerson } from "@/ui/People";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { Person } from "./Person";
import classes from "./PeopleDrawer.module.css";

export function PeopleDrawer() {
  const { people, open } = usePeople();
  const { person, isChecking } = usePerson();
  return (
    <Drawer opened={people !== null && person === null && !isChecking} onClose={() => open(null)} position="right" size={640} title={people === null ? "" : titleOf(people)} closeButtonProps={{ "aria-label": "Close" }}>
      {people !== null && <Content key={people} people={people} />}
    </Drawer>
  );
}

function Content({ people }: { people: People }) {
  const { isReadOnly } = useDraft();
  const { open } = usePeople();
  if (people === "left_out") return <Reasons />;
  const explanation = explanationOf(people);
  return (
    <Stack gap={8}>
      {explanation !== undefined && <Text c="dimmed">{explanation}</Text>}
      {stepIn(people) !== null && <StepSaid people={people} />}
      {isLeftOut(people) && (
        <Anchor component="button" type="button" onClick={() => open("left_out")} className={classes["back"]}>
          All reasons
        </Anchor>
      )}
      {isReadOnly && isSaved(people) ? <SavedPeople people={people} /> : <MatchingPeople people={people} />}
    </Stack>
  );
}

/** What was saved with a launched broadcast; everything else is of now. */
const isSaved = (people: People): people is Narrowing => people === "matched" || people === "reachable" || isLeftOut(people);

/** The conditions that these people met, and the one that took them away. */
function StepSaid({ people }: { people: People }) {
  const { broadcast } = useDraft();
  const { data: words } = useAudienceFields();
  const nameOf = useNames(broadcast.filter);
  return words === undefined ? null : <Text c="dimmed">{sentence(askedFor(people, broadcast.filter).filter, words, nameOf)}</Text>;
}

function Reasons() {
  const { broadcast, isReadOnly } = useDraft();
  const { open } = usePeople();
  const outlook = useOutlook(broadcast.id, !isReadOnly);
  const tracking = useTracking(broadcast.id, isReadOnly);
  const counts: AnyLeftOutCount[] | undefined = isReadOnly ? tracking.data?.left_out : outlook.data?.left_out;
  if (counts === undefined) return <WaitingRows rows={3} />;
  const reasons = inOrder(counts);
  if (reasons.length === 0) return <Empty title="Nobody is left out">Everyone who matches gets the SMS.</Empty>;
  return (
    <ul className={classes["reasons"]}>
      {reasons.map(({ reason, contacts }) => (
        <li key={reason}>
          <button type="button" className={classes["reason"]} onClick={() => open(peopleOf(reason))} aria-label={`${anyReasonWords(reason).label} ${count(contacts)}, show the people`}>
            <span>
              {anyReasonWords(reason).label}
              <Text span size="xs" c="dimmed" display="block">
                {anyReasonWords(reason).explanation}
              </Text>
            </span>
            <span className="figure">{count(contacts)}</span>
          </button>
        </li>
      ))}
    </ul>
  );
}

interface Line {
  id: string;
  name: string;
  phone: string | null;
  email: string | null;
}

const columns = [
  { id: "name", label: "Name", isTitle: true, cell: (line: Line) => <Person id={line.id}>{line.name}</Person> },
  { id: "phone", label: "Phone", cell: (line: Line) => <Phone number={line.phone} /> },
  { id: "email", label: "Email", isWide: true, cell: (line: Line) => <Email address={line.email} /> },
];

interface ListProps {
  lines: Line[] | undefined;
  pages: { error: Error | null; refetch: () => unknown; hasNextPage: boolean; isFetchingNextPage: boolean; fetchNextPage: () => unknown };
}

function List({ lines, pages }: ListProps) {
  if (lines === undefined) {
    return pages.error === null ? <WaitingRows rows={8} /> : <Failed error={pages.error} onRetry={() => void pages.refetch()} />;
  }
  if (lines.length === 0) return <Empty title="Nobody here">This list is empty now.</Empty>;
  return (
    <>
      <DataTable isInside label="People" columns={columns} rows={lines} keyOf={({ id }) => id} />
      <LoadMore hasMore={pages.hasNextPage} isLoading={pages.isFetchingNextPage} onMore={() => void pages.fetchNextPage()} />
    </>
  );
}

function MatchingPeople({ people }: { people: People }) {
  const { broadcast } = useDraft();
  const pages = useContacts(askedFor(people, broadcast.filter), { isWanted: true });
  const lines = pages.data?.pages.flatMap((page) =>
    page.contacts.map((contact) => ({ id: contact.id, name: nameOf(contact), phone: contact.phone_number, email: contact.email })),
  );
  return <List lines={lines} pages={pages} />;
}

function SavedPeople({ people }: { people: Narrowing }) {
  const { broadcast } = useDraft();
  const pages = useRecipients(broadcast.id, people);
  const text = (value: unknown) => (typeof value === "string" ? value : null);
  const lines = pages.data?.pages
    .flatMap((page) => page.recipients)
    .map(({ contact_id: id, name, address, contact }) => ({
      id,
      name: name || "No name",
      phone: address ?? text(contact["phone_number"]),
      email: text(contact["email"]),
    }));
  return <List lines={lines} pages={pages} />;
}
