/** Writing a field into a message where the cursor stands. */

export interface Insertion {
  text: string;
  cursor: number;
}

/** `{{ first_name }}`, or `{{ first_name | default: "there" }}` */
export function tokenText(token: string, fallback = ""): string {
  const plain = fallback.trim();
  if (plain === "") return `{{ ${token} }}`;
  const quote = plain.includes('"') ? "'" : '"';
  const safe = quote === "'" ? plain.replaceAll("'", "’") : plain;
  return `{{ ${token} | default: ${quote}${safe}${quote} }}`;
}

/** `{% render 'opening_hours' %}` */
export const snippetTag = (name: string): string => `{% render '${name}' %}`;

const SNIPPETS = /\{%-?\s*render\s+["']([\w-]+)["']\s*-?%\}/g;

/** The names of the snippets in a text, each once. */
export const snippetsIn = (text: string): string[] => [...new Set([...text.matchAll(SNIPPETS)].flatMap(([, name]) => name ?? []))];

/** "opening_hours" → "Opening hours" */
export function snippetWord(name: string): string {
  const plain = name.replaceAll(/[_-]+/g, " ");
  return `${plain.charAt(0).toUpperCase()}${plain.slice(1)}`;
}

/** "Opening hours!" → "opening_hours" */
export const snippetName = (typed: string): string =>
  typed
    .normalize("NFD")
    .toLowerCase()
    .replaceAll(/\p{M}/gu, "")
    .replaceAll(/[^a-z0-9]+/g, "_")
    .replaceAll(/^_+|_+$/g, "")
    .slice(0, 60)
    .replace(/_+$/, "");

export type Comparison = "is" | "is not" | "has a value" | "has no value";

export interface OnlyIf {
  token: string;
  comparison: Comparison;
  /** As the contacts have it; of no concern to the last two. */
  value: string | number | boolean;
  then: string;
  /** Empty: nothing. */
  otherwise: string;
}

/** The value as Liquid writes it; undefined for a text that it cannot hold. */
export function literal(value: OnlyIf["value"]): string | undefined {
  if (typeof value !== "string") return String(value);
  if (/\}\}|%\}|\{\{|\{%/.test(value)) return undefined;
  if (!value.includes('"')) return `"${value}"`;
  return value.includes("'") ? undefined : `'${value}'`;
}

/** `{% if city == "Austin" %}Howdy{% else %}Hello{% endif %}` */
export function onlyIfText({ token, comparison, value, then, otherwise }: OnlyIf): string | undefined {
  const written = comparison === "is" || comparison === "is not" ? literal(value) : "blank";
  if (written === undefined) return undefined;
  const operator = comparison === "is" || comparison === "has no value" ? "==" : "!=";
  const rest = otherwise === "" ? "" : `{% else %}${otherwise}`;
  return `{% if ${token} ${operator} ${written} %}${then}${rest}{% endif %}`;
}

export function insertAt(text: string, start: number, end: number, added: string): Insertion {
  const from = Math.min(Math.max(start, 0), text.length);
  const to = Math.min(Math.max(end, from), text.length);
  return { text: text.slice(0, from) + added + text.slice(to), cursor: from + added.length };
}

const escaped = (plain: string) => plain.replaceAll(/[.*+?^${}()|[\]\\]/g, "\\$&");

/** Gives each use of the token that has no fallback yet this one. */
export function addFallback(text: string, token: string, fallback: string): string {
  const bare = new RegExp(`\\{\\{-?\\s*${escaped(token)}\\s*-?\\}\\}`, "g");
  return text.replace(bare, () => tokenText(token, fallback));
}

/** The same in all texts of a value, however deep. */
export function withFallback<Value>(value: Value, token: string, fallback: string): Value {
  const filled = (each: unknown): unknown => {
    if (typeof each === "string") return addFallback(each, token, fallback);
    if (Array.isArray(each)) return each.map(filled);
    if (typeof each !== "object" || each === null) return each;
    return Object.fromEntries(Object.entries(each).map(([key, inner]) => [key, filled(inner)]));
  };
  return filled(value) as Value;
}
