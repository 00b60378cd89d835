/** Between the filter on the screen and the one that is sent. */
import type { Condition, Group, Operator } from "@/api/types";
import { newCondition, newGroup, type ConditionNode, type FilterNode, type GroupNode } from "./tree";
import { isSpecial } from "./words";

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

export type KindOf = (operator: string) => ValueKind | undefined;

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

interface FaultAt {
  pointer: string;
  detail: string;
}

/** What is said at each part of the screen; several faults of one part stand together. */
export function faultsAt(places: Map<string, string>, faults: FaultAt[]): Map<string, string> {
  const said = new Map<string, string>();
  for (const { pointer, detail } of faults) {
    const part = placeAt(places, pointer);
    if (part === undefined) continue;
    const before = said.get(part);
    said.set(part, before === undefined || before === detail ? detail : `${before} ${detail}`);
  }
  return said;
}

export const conditionsIn = (filter: Group): Condition[] =>
  filter.conditions.flatMap((part) => ("conditions" in part ? conditionsIn(part) : [part]));

/** The fields of contacts; what was sent to them is no field of theirs. */
export const fieldsUsed = (filter: Group): string[] =>
  [...new Set(conditionsIn(filter).map(({ field }) => field))].filter((field) => !isSpecial(field));

/** What is left of a value when the operator asks for another kind of it. */
export function carriedOver(value: unknown, from: ValueKind | undefined, to: ValueKind | undefined): unknown {
  if (from === to) return value;
  if (from === "one" && to === "many") return isBlank(value) ? undefined : [value];
  if (from === "many" && to === "one" && Array.isArray(value)) return value[0] as unknown;
  return undefined;
}

/** The same value where text is read as a number, or a number as text. */
export function readAs(value: unknown, type: string): unknown {
  if (Array.isArray(value)) {
    const read = value.map((each) => readAs(each, type)).filter((each) => each !== undefined);
    return read.length === 0 ? undefined : read;
  }
  if (type === "number" && typeof value === "string") {
    const number = Number(value);
    return value.trim() !== "" && Number.isFinite(number) ? number : undefined;
  }
  return type === "text" && typeof value === "number" ? String(value) : value;
}
