/** The people behind a number, beside the screen that shows it. */
import { Anchor, Drawer, NativeSelect, Stack, Text, Title, VisuallyHidden } from "@mantine/core";
import { useAudienceFields, useContacts, type Narrowing } from "@/api/audience";
import { useNames } from "@/api/named";
import { useOutlook } from "@/api/outlook";
import { useRecipients } from "@/api/recipients";
import { useTracking } from "@/api/tracking";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import { sentence } from "@/lib/filter/sentence";
import { count } from "@/lib/format";
import { askedFor, byIn, everyBy, explanationOf, goneIn, isPeople, peopleOf, stepIn, titleOf, type People } from "@/lib/people";
import { inOrder, isLeftOut, wordsOf } from "@/lib/reasons";
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
      {people !== null && <Content key={byIn(people) === null ? people : "by"} people={people} />}
    </Drawer>
  );
}

function Content({ people }: { people: People }) {
  const { isReadOnly } = useDraft();
  const { open } = usePeople();
  if (people === "left_out" || people === "by_channel") return <Reasons />;
  const explanation = explanationOf(people);
  return (
    <Stack gap={8}>
      {explanation !== undefined && <Text c="dimmed">{explanation}</Text>}
      {byIn(people) !== null && <ByChannel people={people} />}
      {stepIn(people) !== null && <StepSaid people={people} />}
      {(isLeftOut(people) || isEmailReason(people)) && (
        <Anchor component="button" type="button" onClick={() => open("left_out")} className={classes["back"]}>
          All reasons
        </Anchor>
      )}
      {isReadOnly && isSaved(people) ? <SavedPeople people={people} /> : <MatchingPeople people={people} />}
    </Stack>
  );
}

/** What was saved with a launched broadcast; everything else is of now. */
const isSaved = (people: People): people is Narrowing => people === "matched" || people === "reachable" || isLeftOut(people) || people.startsWith("email.") || goneIn(people) !== null;

/** Of both channels: who is reached by which. */
function ByChannel({ people }: { people: People }) {
  const { open } = usePeople();
  return (
    <NativeSelect
      aria-label="Reached by"
      data={everyBy.map((by) => ({ value: `by.${by}`, label: titleOf(`by.${by}`) }))}
      value={people}
      onChange={({ currentTarget: { value } }) => isPeople(value) && open(value)}
    />
  );
}

/** The conditions that these people met, and the one that took them away. */
function StepSaid({ people }: { people: People }) {
  const { broadcast } = useDraft();
  const { data: words } = useAudienceFields();
  const nameOf = useNames(broadcast.filter);
  return words === undefined ? null : <Text c="dimmed">{sentence(askedFor(people, broadcast.filter).filter, words, nameOf)}</Text>;
}

const isEmailReason = (people: People) => people.startsWith("email.") && people !== "email.reachable";

interface OfChannel {
  channel: "sms" | "email";
  /** Null where only those who were left out are known. */
  reachable: number | null;
  left_out: AnyLeftOutCount[];
}

function useChannels(): OfChannel[] | undefined {
  const { broadcast, isReadOnly } = useDraft();
  const outlook = useOutlook(broadcast.id, !isReadOnly);
  const tracking = useTracking(broadcast.id, isReadOnly);
  const known = isReadOnly ? tracking.data : outlook.data;
  // Before anybody is matched there are no channels to tell of.
  const only = known === undefined ? undefined : [{ channel: broadcast.broadcast_type === "email" ? ("email" as const) : ("sms" as const), left_out: known.left_out }];
  const channels: (Omit<OfChannel, "reachable"> & { reachable?: number })[] | undefined = known?.channels.length === 0 ? only : known?.channels;
  return channels?.map(({ reachable = null, ...each }) => ({ ...each, reachable }));
}

function Reasons() {
  const channels = useChannels();
  if (channels === undefined) return <WaitingRows rows={3} />;
  if (channels.length > 1) return channels.map((each) => <OneChannel key={each.channel} {...each} />);
  const [only] = channels;
  const reasons = inOrder(only?.left_out ?? []);
  if (reasons.length === 0) return <Empty title="Nobody is left out">Everyone who matches gets the {only?.channel === "email" ? "email" : "SMS"}.</Empty>;
  return <ReasonList channel={only?.channel ?? "sms"} reasons={reasons} />;
}

function OneChannel({ channel, reachable, left_out: leftOut }: OfChannel) {
  const { open } = usePeople();
  const word = channel === "sms" ? "SMS" : "email";
  return (
    <section aria-label={channel === "sms" ? "SMS" : "Email"} className={classes["channel"]}>
      <Title order={3}>{channel === "sms" ? "SMS" : "Email"}</Title>
      {reachable !== null && (
        <button type="button" className={classes["reason"]} onClick={() => open(channel === "sms" ? "reachable" : "email.reachable")}>
          <span>Reached by {word}</span> <span className="figure">{count(reachable)}</span>
          <VisuallyHidden>, show the people</VisuallyHidden>
        </button>
      )}
      <ReasonList channel={channel} reasons={inOrder(leftOut)} />
    </section>
  );
}

function ReasonList({ channel, reasons }: { channel: "sms" | "email"; reasons: AnyLeftOutCount[] }) {
  const { open } = usePeople();
  return (
    <ul className={classes["reasons"]}>
      {reasons.map(({ reason, contacts }) => {
        const { label, explanation } = wordsOf(reason, channel);
        return (
          <li key={reason}>
            <button type="button" className={classes["reason"]} onClick={() => open(peopleOf(reason, channel))}>
              <span>
                {label}{" "}
                <Text span size="xs" c="dimmed" display="block">
                  {explanation}
                </Text>
              </span>{" "}
              <span className="figure">{count(contacts)}</span>
              <VisuallyHidden>, show the people</VisuallyHidden>
            </button>
          </li>
        );
      })}
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
      phone: (people.startsWith("email.") || broadcast.broadcast_type === "email" ? null : address) ?? text(contact["phone_number"]),
      email: text(contact["email"]),
    }));
  return <List lines={lines} pages={pages} />;
}
