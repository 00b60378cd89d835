/** The fields of a contact in the order in which people look for them. */
import type { AudienceField } from "@/api/types";

type Ordered = Pick<AudienceField, "id" | "source">;

const first = ["first_name", "last_name", "phone_number", "email"];

function rank({ id, source }: Ordered): number {
  if (id.startsWith("@")) return first.length + 2;
  if (source === "metadata") return first.length + 1;
  const place = first.indexOf(id);
  return place < 0 ? first.length : place;
}

/** Names and addresses, then the contact's other columns, then what the CRM added, then what was sent. */
export const inUse = <Field extends Ordered>(fields: Field[]): Field[] => fields.toSorted((one, other) => rank(one) - rank(other));

/** Those that can stand in a message: a contact's id says nothing to the contact, what was sent before is no field of it. */
export const forMessage = <Field extends Ordered>(fields: Field[]): Field[] =>
  inUse(fields).filter(({ id, source }) => !id.startsWith("@") && (source !== "column" || id !== "id"));
