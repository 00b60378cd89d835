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
