/** Liquid between a stored text and what a person sees of it: `{{ first_name | default: "there" }}` is a chip. */
import { snippetWord } from "@/lib/insert";

const OUTPUT = /\{\{.*?\}\}|\{%.*?%\}/gs;
const SNIPPET = /^\{%-?\s*render\s+["']([\w-]+)["']\s*-?%\}$/;
const STATEMENT = /^\{%-?\s*(\w+)\s*(.*?)\s*-?%\}$/s;
const CONDITION = /^(\S+|\S+\[.+\])\s*(==|!=)\s*(?:"(.*)"|'(.*)'|(\S+))$/;
const WITH_FALLBACK = /^\{\{-?\s*([^|}]+?)\s*(?:\|\s*default:\s*(["'])(.*?)\2)?\s*-?\}\}$/s;

export interface ReadToken {
  token: string;
  fallback: string;
}

/** Undefined for Liquid that does more than name a field with what stands there instead. */
export function readToken(liquid: string): ReadToken | undefined {
  const [, token, , fallback = ""] = WITH_FALLBACK.exec(liquid.trim()) ?? [];
  return token === undefined ? undefined : { token, fallback };
}

export type Piece = { kind: "text"; text: string } | { kind: "token"; liquid: string };

/** The text in its order, cut where Liquid stands. */
export function pieces(text: string): Piece[] {
  const found: Piece[] = [];
  let from = 0;
  for (const match of text.matchAll(OUTPUT)) {
    if (match.index > from) found.push({ kind: "text", text: text.slice(from, match.index) });
    found.push({ kind: "token", liquid: match[0] });
    from = match.index + match[0].length;
  }
  if (from < text.length) found.push({ kind: "text", text: text.slice(from) });
  return found;
}

export type TokenLabel = (liquid: string) => string;

interface Labelled {
  token: string;
  label: string;
}

/** "Snippet: Opening hours", "If City is “Austin”", "otherwise", "end of if" */
function statementWord(liquid: string, labels: Map<string, string>): string {
  const [, snippet] = SNIPPET.exec(liquid) ?? [];
  if (snippet !== undefined) return `Snippet: ${snippetWord(snippet)}`;
  const [, word = "", rest = ""] = STATEMENT.exec(liquid) ?? [];
  if (word === "else") return "otherwise";
  if (word === "endif") return "end of if";
  const [, field, operator, one, other, plain] = CONDITION.exec(rest) ?? [];
  if (word !== "if" || field === undefined) return `${word} ${rest}`.trim();
  const label = labels.get(field) ?? field;
  if (plain === "blank") return `if ${label} has ${operator === "==" ? "no" : "a"} value`;
  return `if ${label} ${operator === "==" ? "is" : "is not"} ${plain ?? `“${one ?? other ?? ""}”`}`;
}

/** What a chip says: "First name, or “there”". */
export function labelsOf(fields: Labelled[]): TokenLabel {
  const labels = new Map(fields.map(({ token, label }) => [token, label]));
  return (liquid) => {
    const read = readToken(liquid);
    if (read === undefined && liquid.startsWith("{%")) return statementWord(liquid, labels);
    if (read === undefined) return liquid.replaceAll(/^\{\{-?\s*|\s*-?\}\}$/g, "");
    const label = labels.get(read.token) ?? read.token;
    return read.fallback === "" ? label : `${label}, or “${read.fallback}”`;
  };
}

const parsed = (html: string): Document => new DOMParser().parseFromString(html, "text/html");

/** For the editor of rich text: each piece of Liquid that stands as text becomes an element. */
export function toEditorHtml(html: string): string {
  const page = parsed(html);
  const texts = page.createTreeWalker(page.body, NodeFilter.SHOW_TEXT);
  const found: Text[] = [];
  while (texts.nextNode() !== null) found.push(texts.currentNode as Text);
  for (const text of found) {
    const parts = pieces(text.data);
    if (!parts.some(({ kind }) => kind === "token")) continue;
    text.replaceWith(
      ...parts.map((part) => {
        if (part.kind === "text") return page.createTextNode(part.text);
        const chip = page.createElement("span");
        chip.dataset["liquid"] = part.liquid;
        return chip;
      }),
    );
  }
  return page.body.innerHTML;
}

/** The way back: what is stored. A text in which nobody has written anything is the empty one. */
export function fromEditorHtml(html: string): string {
  const page = parsed(html);
  for (const chip of page.body.querySelectorAll<HTMLElement>("span[data-liquid]")) chip.replaceWith(chip.dataset["liquid"] ?? "");
  page.body.normalize();
  return page.body.textContent.trim() === "" ? "" : page.body.innerHTML;
}
