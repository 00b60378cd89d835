/** What one search box offers for what is typed: fields, and fields with a value ("state tx", "score > 50", "vip"). */
import { inUse } from "@/lib/fields";
import { plain } from "@/lib/contact";
import type { AudienceField, AudienceFields, Condition } from "@/api/types";
import { conditionSentence } from "./sentence";
import { fieldChoice, isSpecial, namedBy } from "./words";

export interface KnownValue {
  value: unknown;
  contacts?: number;
  /** Of a broadcast or a segment, which stand by id in the filter. */
  name?: string;
}

/** Values of a field that are known by now; asked again with each key. */
export type ValuesOf = (field: string) => KnownValue[];

export interface Suggestion {
  key: string;
  kind: "field" | "value";
  field: AudienceField;
  label: string;
  operator: string;
  value: unknown;
  contacts?: number;
}

/** A field whose values are worth asking for. */
export interface Lookup {
  field: AudienceField;
  search: string;
}

const MOST_FIELDS = 8;
const MOST_PAIRS = 8;
const SEARCHED_FIELDS = 10;
const SHORTEST_SEARCH = 2;

/** How well typed words name a label: 0 is the whole of it; null is not at all. */
function closeness(label: string, typed: string): number | null {
  const whole = label.toLowerCase();
  if (whole === typed) return 0;
  if (whole.startsWith(typed)) return 1;
  const at = whole.indexOf(typed);
  if (at < 0) return null;
  return /[\s/]/.test(whole[at - 1] ?? "") ? 2 : 3;
}

const nameOfField = (field: AudienceField) => (isSpecial(field.id) ? fieldChoice(field).replace(" …", "") : field.label);

const closenessOf = (field: AudienceField, typed: string): number | null => {
  const found = [nameOfField(field), field.label].map((label) => closeness(label, typed)).filter((each) => each !== null);
  return found.length === 0 ? null : Math.min(...found);
};

function byCloseness(fields: AudienceField[], typed: string): AudienceField[] {
  return inUse(fields)
    .map((field) => ({ field, far: closenessOf(field, typed) }))
    .filter((each): each is { field: AudienceField; far: number } => each.far !== null)
    .toSorted((one, other) => one.far - other.far)
    .map(({ field }) => field);
}

/** "state tx" as the field that its first words name, and the rest. */
function splits(fields: AudienceField[], typed: string): { field: AudienceField; rest: string }[] {
  const ends = [...typed.matchAll(/\s+|(?=[=<>!:])/g)].map(({ index }) => index);
  for (const end of ends.toReversed()) {
    const head = typed.slice(0, end);
    if (head.length < SHORTEST_SEARCH) continue;
    // In the middle of a word is too far when a value follows.
    const named = byCloseness(fields, head).filter((field) => (closenessOf(field, head) ?? 3) < 3);
    const rest = typed.slice(end).trim();
    if (named.length > 0) return named.slice(0, 3).map((field) => ({ field, rest }));
  }
  return [];
}

const signs: [RegExp, string][] = [
  [/^(?:!=|is not\b|not\b|has none of\b|none of\b)/, "not"],
  [/^(?:>=|at least\b)/, "at_least"],
  [/^(?:<=|at most\b)/, "at_most"],
  [/^(?:>|above\b|over\b|more than\b|greater than\b)/, "greater_than"],
  [/^(?:<|below\b|under\b|less than\b)/, "less_than"],
  [/^contains\b/, "contains"],
  [/^starts with\b/, "starts_with"],
  [/^(?:in the )?next\b/, "next"],
  [/^(?:=|:|is one of\b|is\b|has any of\b|has\b|any of\b|(?:in the )?last\b|in\b)/, ""],
];

function signOf(rest: string): { sign: string; value: string } {
  const found = signs.find(([pattern]) => pattern.test(rest));
  if (found === undefined) return { sign: "", value: rest };
  const [pattern, sign] = found;
  return { sign, value: rest.replace(pattern, "").replace(/^[\s=:]+/, "").trim() };
}

type Asked = Pick<Suggestion, "operator" | "value">;

const days = (text: string): number | null => {
  const found = /^(\d{1,5})(?: days?)?$/.exec(text)?.[1];
  return found === undefined ? null : Number(found);
};

function dated(sign: string, text: string): Asked | null {
  const number = days(text);
  if (number !== null) return { operator: sign === "next" ? "in_next_days" : "in_last_days", value: number };
  return /^\d{4}-\d\d-\d\d$/.test(text) ? { operator: "on", value: text } : null;
}

/** What typed text means as the value of a field. */
function literal(field: AudienceField, sign: string, text: string): Asked | null {
  switch (field.type) {
    case "number": {
      const number = Number(text.replaceAll(",", ""));
      if (text === "" || !Number.isFinite(number)) return null;
      return { operator: sign === "" ? "is" : sign === "not" ? "is_not" : sign, value: number };
    }
    case "boolean": {
      const isYes = /^(?:y|yes|true)$/.test(text);
      if (!isYes && !/^(?:n|no|false)$/.test(text)) return null;
      return { operator: isYes === (sign !== "not") ? "is_true" : "is_false", value: undefined };
    }
    case "date":
    case "activity":
      return dated(sign, text);
    case "text":
      if (text === "") return null;
      if (["at_least", "at_most", "greater_than", "less_than"].includes(sign)) {
        return Number.isFinite(Number(text)) ? { operator: sign, value: Number(text) } : null;
      }
      return ofValue(field, sign, text);
    case "list":
      return text === "" ? null : ofValue(field, sign, text);
    default:
      return null;
  }
}

/** A condition with a value that contacts really have, or a broadcast or segment by its id. */
function ofValue(field: AudienceField, sign: string, value: unknown): Asked {
  const isNot = sign === "not";
  switch (field.type) {
    case "list":
      return { operator: isNot ? "has_none_of" : "has_any_of", value: [value] };
    case "activity":
      return { operator: isNot ? "not_in_broadcast" : "in_broadcast", value: [value] };
    case "segment":
      return { operator: isNot ? "is_not_in" : "is_in", value: [value] };
    default:
      return { operator: isNot ? "is_not" : sign === "" ? "is" : sign, value };
  }
}

export function suggest(typed: string, words: AudienceFields, valuesOf: ValuesOf): Suggestion[] {
  const text = typed.trim().toLowerCase().replaceAll(/\s+/g, " ");
  if (text === "") return inUse(words.fields).flatMap((field) => ofField(field));
  const fields = byCloseness(words.fields, text).slice(0, MOST_FIELDS).flatMap((field) => ofField(field));
  const pairs = splits(words.fields, text).flatMap(({ field, rest }) => pairsOf(field, rest, typed, words, valuesOf));
  const anywhere = pairs.length > 0 ? [] : searched(words.fields).flatMap((field) => known(field, "", text, words, valuesOf));
  const found = [...fields, ...pairs.slice(0, MOST_PAIRS), ...anywhere.toSorted((one, other) => weight(other) - weight(one)).slice(0, MOST_PAIRS)];
  return found.filter(({ key }, index) => found.findIndex((each) => each.key === key) === index);
}

const weight = ({ contacts }: Suggestion) => contacts ?? 0;

function ofField(field: AudienceField): Suggestion[] {
  const [operator] = field.operators;
  return operator === undefined ? [] : [{ key: field.id, kind: "field", field, label: fieldChoice(field), operator, value: undefined }];
}

function ofPair(field: AudienceField, asked: Asked, words: AudienceFields, { contacts, name }: Omit<KnownValue, "value"> = {}): Suggestion[] {
  if (!field.operators.includes(asked.operator)) return [];
  const condition: Condition = { field: field.id, operator: asked.operator, value: asked.value };
  const label = conditionSentence(condition, words, () => name);
  return [{ key: `${field.id} ${asked.operator} ${JSON.stringify(asked.value)}`, kind: "value", field, label, ...asked, contacts }];
}

/** The value as it was typed is lower-cased for finding; what is sent is as it was written. */
const asWritten = (typed: string, text: string) => {
  const at = typed.toLowerCase().lastIndexOf(text);
  return at < 0 ? text : typed.slice(at, at + text.length);
};

function pairsOf(field: AudienceField, rest: string, typed: string, words: AudienceFields, valuesOf: ValuesOf): Suggestion[] {
  const { sign, value } = signOf(rest);
  const found = known(field, sign, value, words, valuesOf);
  const isKnown = found.some((each) => plain(Array.isArray(each.value) ? (each.value as unknown[])[0] : each.value).toLowerCase() === value);
  const written = literal(field, sign, asWritten(typed.trim(), value));
  return isKnown || written === null ? found : [...found, ...ofPair(field, written, words)];
}

const wordOf = ({ value, name }: KnownValue) => (name ?? plain(value)).toLowerCase();

/** Values that begin with the text before those that have it somewhere. */
function known(field: AudienceField, sign: string, text: string, words: AudienceFields, valuesOf: ValuesOf): Suggestion[] {
  if (["number", "boolean", "date", "scheduled"].includes(field.type) || !["", "not"].includes(sign)) return [];
  const far = (each: KnownValue) => closeness(wordOf(each), text) ?? 4;
  return valuesOf(field.id)
    .filter((each) => wordOf(each) !== "" && wordOf(each).includes(text))
    .toSorted((one, other) => far(one) - far(other))
    .slice(0, MOST_PAIRS)
    .flatMap((each) => ofPair(field, ofValue(field, sign, each.value), words, each));
}

const isList = ({ type }: AudienceField) => Number(type === "list");

/** The fields in which a value without a field is looked for: lists, which hold tags, then those that most contacts have. */
const searched = (fields: AudienceField[]): AudienceField[] =>
  fields
    .filter((field) => field.source === "metadata" && ["text", "list"].includes(field.type))
    .toSorted((one, other) => isList(other) - isList(one) || other.contacts - one.contacts)
    .slice(0, SEARCHED_FIELDS);

export function lookups(typed: string, words: AudienceFields): Lookup[] {
  const text = typed.trim().toLowerCase().replaceAll(/\s+/g, " ");
  if (text.length < SHORTEST_SEARCH) return [];
  const named = splits(words.fields, text).map(({ field, rest }) => ({ field, search: signOf(rest).value }));
  if (named.length > 0) {
    return named.filter(({ field }) => ["text", "list"].includes(field.type) || namedBy(field.id, "in_broadcast") !== undefined);
  }
  return searched(words.fields).map((field) => ({ field, search: text }));
}
