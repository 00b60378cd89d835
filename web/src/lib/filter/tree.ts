/** The filter while it is edited: a tree whose parts have ids, so that they can be changed, removed and put back. */
import type { Condition, Group, Operator } from "@/api/types";

export type Match = Group["match"];

export interface ConditionNode {
  kind: "condition";
  id: string;
  field: string;
  operator: string;
  value: unknown;
}

export interface GroupNode {
  kind: "group";
  id: string;
  match: Match;
  parts: FilterNode[];
}

export type FilterNode = ConditionNode | GroupNode;

export const DEEPEST = 5;

export type FilterAction =
  | { do: "add"; group: string; node: FilterNode }
  | { do: "change"; condition: string; to: Partial<Pick<ConditionNode, "field" | "operator" | "value">> }
  | { do: "match"; group: string; match: Match }
  | { do: "remove"; node: string }
  | { do: "restore"; removed: Removed }
  | { do: "replace"; tree: GroupNode };

export interface Removed {
  node: FilterNode;
  group: string;
  index: number;
}

let made = 0;
const newId = () => `n${++made}`;

export const newCondition = (field: string, operator: string, value?: unknown): ConditionNode => ({
  kind: "condition",
  id: newId(),
  field,
  operator,
  value,
});

export const newGroup = (match: Match = "any", parts: FilterNode[] = []): GroupNode => ({
  kind: "group",
  id: newId(),
  match,
  parts,
});

const eachGroup = (tree: GroupNode, change: (group: GroupNode) => GroupNode): GroupNode => {
  const parts = tree.parts.map((part) => (part.kind === "group" ? eachGroup(part, change) : part));
  return change({ ...tree, parts });
};

export function edit(tree: GroupNode, action: FilterAction): GroupNode {
  switch (action.do) {
    case "add":
      return eachGroup(tree, (group) =>
        group.id === action.group ? { ...group, parts: [...group.parts, action.node] } : group,
      );
    case "change":
      return eachGroup(tree, (group) => ({
        ...group,
        parts: group.parts.map((part) =>
          part.id === action.condition && part.kind === "condition" ? { ...part, ...action.to } : part,
        ),
      }));
    case "match":
      return eachGroup(tree, (group) => (group.id === action.group ? { ...group, match: action.match } : group));
    case "remove":
      return eachGroup(tree, (group) => ({ ...group, parts: group.parts.filter((part) => part.id !== action.node) }));
    case "restore":
      return restore(tree, action.removed);
    case "replace":
      return action.tree;
  }
}

/** Back to its place; to the end of the whole filter when its group is gone. */
function restore(tree: GroupNode, { node, group: home, index }: Removed): GroupNode {
  const target = groupsOf(tree).some((group) => group.id === home) ? home : tree.id;
  return eachGroup(tree, (group) =>
    group.id === target ? { ...group, parts: group.parts.toSpliced(index, 0, node) } : group,
  );
}

const groupsOf = (tree: GroupNode): GroupNode[] => [
  tree,
  ...tree.parts.flatMap((part) => (part.kind === "group" ? groupsOf(part) : [])),
];

export function placeOf(tree: GroupNode, id: string): Removed | null {
  for (const group of groupsOf(tree)) {
    const index = group.parts.findIndex((part) => part.id === id);
    const node = group.parts[index];
    if (node !== undefined) return { node, group: group.id, index };
  }
  return null;
}

type ValueKind = Operator["value"];

const isBlank = (value: unknown) =>
  value === undefined || value === null || value === "" || (typeof value === "string" && value.trim() === "");

export function isFinished(value: unknown, kind: ValueKind): boolean {
  switch (kind) {
    case "none":
      return true;
    case "one":
      return !isBlank(value);
    case "days":
      return typeof value === "number" && Number.isFinite(value) && value >= 0;
    case "many":
      return Array.isArray(value) && value.length > 0;
    case "range":
      return Array.isArray(value) && value.length === 2 && value.every((end) => !isBlank(end));
  }
}

type KindOf = (operator: string) => ValueKind | undefined;

const isReady = (node: ConditionNode, kindOf: KindOf) => {
  const kind = kindOf(node.operator);
  return kind !== undefined && isFinished(node.value, kind);
};

/** What is sent: without unfinished conditions and the groups that they leave empty.
 * `places` says which part of the screen a pointer of an answer means. */
export function toFilter(tree: GroupNode, kindOf: KindOf): { filter: Group; places: Map<string, string> } {
  const places = new Map<string, string>();
  const convert = (group: GroupNode, pointer: string): Group => {
    places.set(pointer, group.id);
    const kept = group.parts.filter((part) => isWorthSending(part, kindOf));
    const conditions = kept.map((part, index) => {
      const place = `${pointer}/conditions/${index}`;
      if (part.kind === "group") return convert(part, place);
      places.set(place, part.id);
      return conditionOf(part, kindOf);
    });
    return { match: group.match, conditions };
  };
  return { filter: convert(tree, "/filter"), places };
}

function isWorthSending(part: FilterNode, kindOf: KindOf): boolean {
  if (part.kind === "condition") return isReady(part, kindOf);
  return part.parts.some((inner) => isWorthSending(inner, kindOf));
}

function conditionOf({ field, operator, value }: ConditionNode, kindOf: KindOf): Condition {
  if (kindOf(operator) === "none") return { field, operator };
  return { field, operator, value: typeof value === "string" ? value.trim() : value };
}

export function fromFilter(filter: Group): GroupNode {
  return newGroup(
    filter.match,
    filter.conditions.map((part) =>
      "conditions" in part ? fromFilter(part) : newCondition(part.field, part.operator, part.value ?? undefined),
    ),
  );
}

/** The same as sent, whatever the order of the keys and nulls for values that are not there. */
export function isSameFilter(one: Group | Condition, other: Group | Condition): boolean {
  if ("conditions" in one) {
    if (!("conditions" in other)) return false;
    return (
      one.match === other.match &&
      one.conditions.length === other.conditions.length &&
      one.conditions.every((part, index) => {
        const twin = other.conditions[index];
        return twin !== undefined && isSameFilter(part, twin);
      })
    );
  }
  if ("conditions" in other) return false;
  const value = (condition: Condition) => JSON.stringify(condition.value ?? null);
  return one.field === other.field && one.operator === other.operator && value(one) === value(other);
}

/** The part of the screen that a pointer such as /filter/conditions/0/value names. */
export function placeAt(places: Map<string, string>, pointer: string): string | undefined {
  for (let end = pointer.length; end > 0; end = pointer.lastIndexOf("/", end - 1)) {
    const place = places.get(pointer.slice(0, end));
    if (place !== undefined) return place;
  }
  return undefined;
}

export function fieldsUsed(filter: Group): string[] {
  const used = filter.conditions.flatMap((part) => ("conditions" in part ? fieldsUsed(part) : [part.field]));
  return [...new Set(used)];
}

/** What is left of a value when the operator asks for another kind of it. */
export function carriedOver(value: unknown, from: ValueKind | undefined, to: ValueKind | undefined): unknown {
  if (from === to) return value;
  if (from === "one" && to === "many") return isBlank(value) ? undefined : [value];
  if (from === "many" && to === "one" && Array.isArray(value)) return value[0] as unknown;
  return undefined;
}
