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

export function fieldValue(contact: Contact, field: Pick<AudienceField, "id">): unknown {
  return pathOf(field.id).reduce<unknown>(
    (from, key) => (typeof from === "object" && from !== null ? (from as Record<string, unknown>)[key] : undefined),
    contact,
  );
}

export function plain(value: unknown): string {
  if (value === null || value === undefined) return "";
  if (Array.isArray(value)) return value.map(plain).join(", ");
  if (typeof value === "boolean") return value ? "Yes" : "No";
  if (typeof value === "string") return /^\d{4}-\d\d-\d\dT/.test(value) ? value.slice(0, 10) : value;
  return typeof value === "number" ? String(value) : JSON.stringify(value);
}
