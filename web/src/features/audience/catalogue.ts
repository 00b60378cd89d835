/** What can be asked of a contact: the fields and operators of the server, found by id. */
import { createContext, use } from "react";
import { inUse } from "@/lib/fields";
import type { FilterAction } from "@/lib/filter/tree";
import type { AudienceField, AudienceFields, Operator } from "@/api/types";

export interface Editing {
  words: AudienceFields;
  isReadOnly: boolean;
  act: (action: FilterAction) => void;
  remove: (node: string, label: string) => void;
  /** What the server says about a part, by the part's id. */
  faultOf: (node: string) => string | undefined;
  newest: string | null;
  setNewest: (node: string) => void;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = use(EditingContext);
  if (editing === null) throw new Error("useEditing belongs inside EditingContext.");
  return editing;
}

export const fieldOf = (words: AudienceFields, id: string): AudienceField | undefined =>
  words.fields.find((field) => field.id === id);

export const operatorOf = (words: AudienceFields, id: string): Operator | undefined =>
  words.operators.find((operator) => operator.id === id);

/** The choices of a field picker, the contact's own columns before what the CRM added. */
export function fieldChoices({ fields }: AudienceFields) {
  const of = (source: AudienceField["source"]) =>
    inUse(fields.filter((field) => field.source === source)).map(({ id, label }) => ({ value: id, label }));
  return [
    { group: "Contact", items: of("column") },
    { group: "More about the contact", items: of("metadata") },
  ].filter(({ items }) => items.length > 0);
}
