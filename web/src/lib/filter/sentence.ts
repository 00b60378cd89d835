/** A filter in words, as one would say it. */
import { count, dateWord } from "@/lib/format";
import type { AudienceFields, Condition, Group } from "@/api/types";
import { inSentence, namedBy, specialSentence } from "./words";

/** The name of a broadcast or a segment; undefined while it is not known. */
export type NameOf = (kind: "broadcast" | "segment", id: string) => string | undefined;

interface Words extends AudienceFields {
  nameOf: NameOf;
}

const joints: Record<Group["match"], string> = { all: " and ", any: " or ", none: " or " };

/** Said shorter than in the list of operators. */
const shorter: Record<string, string> = { is_one_of: "is" };

/** One plain word stands as it is; what has blanks or could be read as a part of the sentence stands in quotes. */
const isPlainWord = (text: string) => /^[\p{L}\p{N}][\p{L}\p{N}_-]*$/u.test(text) && !/^(?:and|or|not|none|in)$/i.test(text);

function saidValue(value: unknown): string {
  if (value === undefined || value === null || value === "") return "…";
  if (typeof value === "number") return count(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value !== "string") return JSON.stringify(value);
  if (/^\d{4}-\d\d-\d\d(?:T|$)/.test(value)) return dateWord(value);
  return isPlainWord(value) ? value : `“${value}”`;
}

function saidList(values: unknown[], last = "or"): string {
  const said = values.map(saidValue);
  if (said.length <= 1) return said[0] ?? "…";
  if (said.length > 5) return `${said.slice(0, 4).join(", ")} ${last} ${said.length - 4} more`;
  return `${said.slice(0, -1).join(", ")} ${last} ${said.at(-1) ?? ""}`;
}

const listOf = (value: unknown): unknown[] => (Array.isArray(value) ? (value as unknown[]) : []);

function saidSpecial(said: string, { field, operator, value }: Condition, nameOf: NameOf): string {
  const kind = namedBy(field, operator);
  if (kind === undefined) return said.replace("…", () => saidValue(value));
  const names = listOf(value).map((id) => nameOf(kind, String(id)));
  return said.replace("…", () => saidList(names));
}

function saidCondition(condition: Condition, { fields, operators, nameOf }: Words): string {
  const { field, operator, value } = condition;
  const special = specialSentence(field, operator);
  if (special !== undefined) return saidSpecial(special, condition, nameOf);
  const known = fields.find((candidate) => candidate.id === field);
  const verb = operators.find((candidate) => candidate.id === operator);
  const start = `${known === undefined ? field : inSentence(known.label)} ${shorter[operator] ?? verb?.label ?? operator}`;
  // "is in the last … days" says itself where its value stands.
  if (start.includes("…")) return start.replace("…", () => saidValue(value));
  switch (verb?.value) {
    case "none":
      return start;
    case "days":
      return `${start} ${saidValue(value)} days`;
    case "range":
      return `${start} ${[0, 1].map((end) => saidValue(listOf(value)[end])).join(" and ")}`;
    case "many":
      return `${start} ${saidList(listOf(value), operator === "has_all_of" ? "and" : "or")}`;
    default:
      return `${start} ${saidValue(value)}`;
  }
}

function saidGroup(group: Group, words: Words, isOutermost: boolean): string {
  const isAlone = group.match !== "none" && group.conditions.length === 1;
  const parts = group.conditions.map((part) =>
    "conditions" in part ? saidGroup(part, words, isOutermost && isAlone) : saidCondition(part, words),
  );
  const joined = parts.join(joints[group.match]);
  if (group.match === "none") return `not (${joined})`;
  return isOutermost || parts.length === 1 ? joined : `(${joined})`;
}

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);
const noName: NameOf = () => undefined;

export function sentence(filter: Group, words: AudienceFields, nameOf: NameOf = noName): string {
  if (filter.conditions.length === 0) return "Every contact";
  const known = { ...words, nameOf };
  if (filter.match === "none") return `None of this is true: ${saidGroup({ ...filter, match: "any" }, known, true)}`;
  return capital(saidGroup(filter, known, true));
}

export const conditionSentence = (condition: Condition, words: AudienceFields, nameOf: NameOf = noName): string =>
  capital(saidCondition(condition, { ...words, nameOf }));
