/** One person beside the screen: in the audience or not, and why; and the search that finds anybody. */
import { Anchor, CloseButton, Drawer, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import { useAudienceFields, useContacts, useWhy } from "@/api/audience";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import type { AudienceFields, Contact, Group } from "@/api/types";
import { Email, Phone } from "@/ui/Address";
import { LoadMore } from "@/ui/LoadMore";
import { usePerson } from "@/ui/People";
import { Empty, Failed, WaitingRows } from "@/ui/States";
import { PersonWhy } from "./PersonWhy";
import classes from "./Person.module.css";

const everyone: Group = { match: "all", conditions: [] };
const SEARCH_AFTER_MS = 150;

export function PersonDrawer() {
  const { person, isChecking, close } = usePerson();
  const isOpen = person !== null || isChecking;
  return (
    <Drawer opened={isOpen} onClose={close} position="right" size={560} title={isChecking ? "Check a person" : "Why in, why not"} closeButtonProps={{ "aria-label": "Close" }}>
      {isOpen && <Content />}
    </Drawer>
  );
}

/** The search keeps its words while a person is looked at. */
function Content() {
  const { person, isChecking, openPerson } = usePerson();
  const [typed, setTyped] = useState("");
  if (person === null) return <Search typed={typed} onType={setTyped} />;
  return (
    <Stack gap={12}>
      {isChecking && (
        <Anchor component="button" type="button" onClick={() => openPerson(null)} className={classes["back"]}>
          Look up somebody else
        </Anchor>
      )}
      <OnePerson key={person} id={person} />
    </Stack>
  );
}

function Search({ typed, onType }: { typed: string; onType: (text: string) => void }) {
  const { openPerson } = usePerson();
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS);
  const pages = useContacts({ filter: everyone, search }, { isWanted: search !== "" });
  const found = search === "" ? [] : pages.data?.pages.flatMap((page) => page.contacts);
  return (
    <Stack gap={12}>
      <TextInput
        type="search"
        label="Name, number or email"
        description="Among all contacts, also those who do not match."
        data-autofocus
        maxLength={200}
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={typed !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => onType("")} />}
        value={typed}
        onChange={(event) => onType(event.currentTarget.value)}
      />
      {found === undefined && (pages.error === null ? <WaitingRows rows={4} /> : <Failed error={pages.error} onRetry={() => void pages.refetch()} />)}
      {found?.length === 0 && search !== "" && <Empty title="No such contact">Try a part of the name, or the last digits of the number.</Empty>}
      <ul className={`figure ${classes["found"] ?? ""}`} data-stale={pages.isPlaceholderData || undefined} aria-label="Contacts found">
        {found?.map((contact) => (
          <li key={contact.id}>
            <button type="button" className={classes["one"]} onClick={() => openPerson(contact.id)}>
              <span className={classes["name"]}>{nameOf(contact)}</span>
              <Addresses contact={contact} />
            </button>
          </li>
        ))}
      </ul>
      {search !== "" && <LoadMore hasMore={pages.hasNextPage} isLoading={pages.isFetchingNextPage} onMore={() => void pages.fetchNextPage()} />}
    </Stack>
  );
}

const Addresses = ({ contact }: { contact: Contact }) => (
  <Text span size="xs" c="dimmed" className={classes["addresses"]}>
    <Phone number={contact.phone_number} />
    <Email address={contact.email} />
  </Text>
);

function OnePerson({ id }: { id: string }) {
  const { broadcast } = useDraft();
  const { data: words } = useAudienceFields();
  const why = useWhy(broadcast.filter, id);
  if (why.data === undefined || words === undefined) {
    return why.error === null ? <WaitingRows rows={5} /> : <Failed error={why.error} onRetry={() => void why.refetch()} />;
  }
  return (
    <>
      <Known id={id} words={words} />
      <PersonWhy filter={broadcast.filter} why={why.data} words={words} />
    </>
  );
}

/** The name and addresses, where the table has an id to ask for. */
function Known({ id, words }: { id: string; words: AudienceFields }) {
  const canAsk = words.fields.some((field) => field.id === "id" && field.operators.includes("is"));
  const filter: Group = { match: "all", conditions: [{ field: "id", operator: "is", value: id }] };
  const { data } = useContacts({ filter }, { isWanted: canAsk });
  const contact = data?.pages[0]?.contacts[0];
  return (
    <div className={classes["known"]}>
      <Text className={classes["name"]}>{contact === undefined ? "\u00a0" : nameOf(contact)}</Text>
      {contact !== undefined && <Addresses contact={contact} />}
    </div>
  );
}
