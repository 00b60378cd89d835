/** The columns of the matched people: what the filter names until somebody chooses others. */
import { useLocalStorage } from "@mantine/hooks";
import { fieldValue, nameOf, plain } from "@/lib/contact";
import { fieldsUsed } from "@/lib/filter/document";
import { isSpecial } from "@/lib/filter/words";
import { inUse } from "@/lib/fields";
import type { AudienceField, AudienceFields, Contact, Group } from "@/api/types";
import { Email, Phone, Whole } from "@/ui/Address";
import type { Column } from "@/ui/DataTable";
import { Person } from "./Person";

const MOST_EXTRA = 3;
const shownAnyway = ["first_name", "last_name", "email", "phone_number"];

/** A column with a name of the CRM's own is told under the usual name only. */
const isCarried = (field: AudienceField, contacts: Contact[]) =>
  field.source === "metadata" || contacts.some((contact) => fieldValue(contact, field) !== undefined);

/** The fields that can be a column of their own. */
export const columnFields = ({ fields }: AudienceFields, contacts: Contact[]): AudienceField[] =>
  inUse(fields).filter((field) => !isSpecial(field.id) && !shownAnyway.includes(field.id) && isCarried(field, contacts));

/** The fields of the filter; without any, what people look for first. */
function usualFields(filter: Group, offered: AudienceField[]): string[] {
  const used = fieldsUsed(filter).filter((id) => offered.some((field) => field.id === id));
  const usual = ["state", "tags"].flatMap((label) => offered.filter((field) => field.label.toLowerCase() === label).map(({ id }) => id));
  return [...new Set([...used, ...usual])].slice(0, MOST_EXTRA);
}

const contactColumns = ["phone", "email"];

export const usualColumns = (filter: Group, offered: AudienceField[]): string[] => [...contactColumns, ...usualFields(filter, offered)];

/** Null while nobody has chosen. */
export const useChosenColumns = () =>
  useLocalStorage<string[] | null>({ key: "clarion.columns", defaultValue: null, getInitialValueInEffect: false });

export function columnsFor(chosen: string[], words: AudienceFields, offered: AudienceField[]): Column<Contact>[] {
  const sortBy = (id: string) => (words.fields.some((field) => field.id === id) ? { sortBy: id } : {});
  const own = chosen.flatMap((id) => offered.filter((field) => field.id === id));
  const all: Column<Contact>[] = [
    { id: "name", label: "Name", isTitle: true, cell: (contact) => <Person id={contact.id}>{nameOf(contact)}</Person>, ...sortBy("first_name") },
    { id: "phone", label: "Phone", cell: ({ phone_number: number }) => <Phone number={number} />, ...sortBy("phone_number") },
    { id: "email", label: "Email", isWide: true, cell: ({ email }) => <Email address={email} />, ...sortBy("email") },
    ...own.map((field) => ({
      id: field.id,
      label: field.label,
      isNumber: field.type === "number",
      ...(field.type === "list" ? {} : { sortBy: field.id }),
      cell: (contact: Contact) => {
        const text = plain(fieldValue(contact, field));
        return field.type === "date" ? <Whole>{text}</Whole> : text;
      },
    })),
  ];
  return all.filter(({ id }) => id === "name" || chosen.includes(id));
}
