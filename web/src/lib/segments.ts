/** What segments mean: combined, edited by two at once, begun from a sample. */
import type { Combination, Segment } from "@/api/segments";
import type { AudienceField, Condition, Group } from "@/api/types";
import { isSameFilter } from "./filter/document";

const SEGMENT = "@segment";

const are = (operator: "is_in" | "is_not_in", ids: string[]): Condition => ({ field: SEGMENT, operator, value: ids });
const allOf = (...conditions: Condition[]): Group => ({ match: "all", conditions });

/** The people of one segment. */
export const peopleOf = (id: string): Group => allOf(are("is_in", [id]));

/** The same filter as the server makes of a combination. */
export function combined(operation: Combination, ids: string[]): Group {
  const [first, ...others] = ids;
  switch (operation) {
    case "union":
      return allOf(are("is_in", ids));
    case "intersection":
      return allOf(...ids.map((id) => are("is_in", [id])));
    case "difference":
      return first === undefined ? allOf() : allOf(are("is_in", [first]), are("is_not_in", others));
  }
}

/** "a, b or c" */
export const listed = (names: string[], last: string) =>
  names.length < 2 ? (names[0] ?? "…") : `${names.slice(0, -1).join(", ")} ${last} ${names.at(-1) ?? ""}`;

/** As one would say it: "In Texas, but not in VIP or Opted in". */
export function combinedWords(operation: Combination, names: string[]): string {
  const said = names.map((name) => `“${name}”`);
  switch (operation) {
    case "union":
      return `In ${listed(said, "or")}`;
    case "intersection":
      return names.length === 2 ? `In both ${listed(said, "and")}` : `In all of ${listed(said, "and")}`;
    case "difference":
      return `In ${said[0] ?? "…"}, but not in ${listed(said.slice(1), "or")}`;
  }
}

/** How what is edited here stands to what is saved by now:
 * - same: nothing newer is saved
 * - follow: something newer is saved that does not touch the filter; the edits go on from there
 * - adopt: nothing is edited here, so the newer filter can be shown
 * - conflict: both were changed */
export type Standing = "same" | "follow" | "adopt" | "conflict";

export type Base = Pick<Segment, "version" | "filter" | "kind">;

export function standing(base: Base, saved: Base, mine: Group): Standing {
  if (saved.version <= base.version) return "same";
  const isUntouched = isSameFilter(saved.filter, base.filter) && saved.kind === base.kind;
  if (isUntouched) return "follow";
  return isSameFilter(mine, base.filter) || (isSameFilter(mine, saved.filter) && saved.kind === "dynamic") ? "adopt" : "conflict";
}

/** A filter to begin with, from a date that the contacts have: those of the last 30 days. */
export function sampleFrom(fields: AudienceField[]): Group | null {
  const dated = fields.filter(({ type, operators }) => type === "date" && operators.includes("in_last_days"));
  const field = dated.find(({ id }) => id === "created_at") ?? dated.toSorted((one, other) => other.contacts - one.contacts)[0];
  return field === undefined ? null : allOf({ field: field.id, operator: "in_last_days", value: 30 });
}

/** How many places name it, in words. */
export const placesWord = (places: number): string => (places === 1 ? "1 place" : `${places} places`);
