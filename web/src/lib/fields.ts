/** The fields of a contact in the order in which people look for them, and how typing finds one. */
import type { AudienceField } from "@/api/types";

type Ordered = Pick<AudienceField, "id" | "source">;

const first = ["first_name", "last_name", "phone_number", "email"];

function rank({ id, source }: Ordered): number {
  if (source === "metadata") return first.length + 1;
  const place = first.indexOf(id);
  return place < 0 ? first.length : place;
}

/** Names and addresses, then the contact's other columns, then what the CRM added. */
export const inUse = <Field extends Ordered>(fields: Field[]): Field[] => fields.toSorted((one, other) => rank(one) - rank(other));

/** Those that can stand in a message: a contact's id says nothing to the contact. */
export const forMessage = <Field extends Ordered>(fields: Field[]): Field[] =>
  inUse(fields).filter(({ id, source }) => source !== "column" || id !== "id");

/** The choice that stands first in the list for what was typed. */
export function firstMatch<Choice extends { label: string }>(choices: Choice[], typed: string): Choice | undefined {
  const wanted = typed.trim().toLowerCase();
  return wanted === "" ? undefined : choices.find(({ label }) => label.toLowerCase().includes(wanted));
}
