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
