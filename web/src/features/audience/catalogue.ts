/** What the parts of the builder share: the words of the server, the tree, and how it is edited. */
import { createContext, use, type PointerEvent } from "react";
import type { FilterAction } from "@/lib/filter/edit";
import type { Step } from "@/lib/filter/moves";
import type { NameOf } from "@/lib/filter/sentence";
import type { FilterNode, GroupNode } from "@/lib/filter/tree";
import { fieldChoice } from "@/lib/filter/words";
import { inUse } from "@/lib/fields";
import type { AudienceField, AudienceFields, Operator } from "@/api/types";

/** Where the focus goes when an edit has moved what had it. */
export type FocusOn = { part: string; at: "handle" | "value" } | "add";

export interface Editing {
  words: AudienceFields;
  isReadOnly: boolean;
  tree: GroupNode;
  act: (action: FilterAction, focus?: FocusOn) => void;
  /** Removes a part, with an "Undo" for a while. */
  remove: (node: FilterNode) => void;
  /** One step by keyboard; says so when there is nowhere to go. */
  step: (node: string, step: Step) => void;
  /** For screen readers, at once. */
  say: (text: string) => void;
  said: (node: FilterNode) => string;
  nameOf: NameOf;
  /** What the server says about a part, by the part's id. */
  faultOf: (node: string) => string | undefined;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = use(EditingContext);
  if (editing === null) throw new Error("useEditing belongs inside EditingContext.");
  return editing;
}

export interface Dragging {
  /** The part that is dragged, and the condition that it would be grouped with. */
  part: string | null;
  partner: string | null;
  start: (event: PointerEvent<HTMLElement>, node: FilterNode) => void;
}

export const DraggingContext = createContext<Dragging>({ part: null, partner: null, start: () => undefined });

export const fieldOf = (words: AudienceFields, id: string): AudienceField | undefined =>
  words.fields.find((field) => field.id === id);

export const operatorOf = (words: AudienceFields, id: string): Operator | undefined =>
  words.operators.find((operator) => operator.id === id);

const sources: [heading: string, sources: AudienceField["source"][]][] = [
  ["Contact", ["column"]],
  ["More about the contact", ["metadata"]],
  ["What was sent to them", ["activity"]],
  ["Segments and plans", ["segment", "scheduled"]],
];

export interface Choice {
  value: string;
  label: string;
}

/** By kind, the contact's own columns before what the CRM added. */
export function grouped<Item>(items: Item[], sourceOf: (item: Item) => AudienceField["source"]): { heading: string; items: Item[] }[] {
  return sources
    .map(([heading, of]) => ({ heading, items: items.filter((item) => of.includes(sourceOf(item))) }))
    .filter((group) => group.items.length > 0);
}

export const fieldChoices = ({ fields }: AudienceFields): { heading: string; items: Choice[] }[] =>
  grouped(inUse(fields), ({ source }) => source).map(({ heading, items }) => ({
    heading,
    items: items.map((field) => ({ value: field.id, label: fieldChoice(field) })),
  }));
