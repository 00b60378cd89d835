/** What a contact says under a field. */
import type { AudienceField, Contact } from "@/api/types";

export function nameOf({ first_name, last_name }: Pick<Contact, "first_name" | "last_name">): string {
  return [first_name, last_name].filter((part) => part !== null && part !== "").join(" ") || "No name";
}

const part = /(?:^|\.)([A-Za-z_]\w*)|\[("(?:[^"\\]|\\.)*")\]/g;

/** `metadata.product`, or `metadata["Lead source"]` for a key that is no plain word. */
function pathOf(id: string): string[] {
  return [...id.matchAll(part)].map(([, word, quoted]) => word ?? (JSON.parse(quoted ?? '""') as string));
}

type Where = Pick<AudienceField, "id" | "source">;

/** A column is told by its own name, or with the table's other ones; the first word of a metadata field names that column. */
function placeOf({ id, source }: Where, contact: Contact): { from: unknown; path: string[] } {
  const path = pathOf(id);
  const [column = ""] = path;
  if (source === "metadata") return { from: contact.metadata, path: path.slice(1) };
  return { from: column in contact.columns ? contact.columns : contact, path };
}

export function fieldValue(contact: Contact, field: Where): unknown {
  const { from, path } = placeOf(field, contact);
  return path.reduce<unknown>(
    (value, key) => (typeof value === "object" && value !== null ? (value as Record<string, unknown>)[key] : undefined),
    from,
  );
}

/** Where an address may go on in the next line: after a mark in the name and before the @, so that its end stays whole. */
export function emailPieces(email: string): string[] {
  const at = email.lastIndexOf("@");
  const name = at < 0 ? email : email.slice(0, at);
  const end = at < 0 ? "" : email.slice(at);
  return [...(name.match(/[^._+-]*[._+-]|[^._+-]+/g) ?? []), end].filter((piece) => piece !== "");
}

export function plain(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? value.slice(0, 10) : value;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
