/** An e-mail as the server keeps it, read with care: its form is checked there, not here. */

export interface Block {
  id: string;
  type: string;
  /** Everything else, by name. */
  own: Record<string, unknown>;
  columns: { width: number; blocks: Block[] }[];
}

export interface MailStyle {
  background: string;
  content: string;
  text: string;
  link: string;
  button: string;
  buttonText: string;
  isSerif: boolean;
}

const isRecord = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null && !Array.isArray(value);

const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

export const wordsIn = (value: unknown): string => (typeof value === "string" ? value : "");

function block(value: unknown, place: string): Block[] {
  if (!isRecord(value)) return [];
  const { id, type, columns, ...own } = value;
  return [
    {
      id: wordsIn(id) || place,
      type: wordsIn(type),
      own,
      columns: list(columns)
        .filter(isRecord)
        .map(({ width, blocks }, index) => ({ width: typeof width === "number" ? width : 0, blocks: many(blocks, `${place}.${index}`) })),
    },
  ];
}

const many = (values: unknown, place = ""): Block[] => list(values).flatMap((value, index) => block(value, `${place}/${index}`));

/** The blocks at the top, with what stands in their columns. */
export const topBlocks = (document: unknown): Block[] => (isRecord(document) ? many(document["blocks"]) : []);

const within = (blocks: Block[]): Block[] => blocks.flatMap((each) => [each, ...each.columns.flatMap(({ blocks: inner }) => within(inner))]);

/** All of them, one after the other. */
export const blocksOf = (document: unknown): Block[] => within(topBlocks(document));

/** HTML of one's own, where the document is that. */
export const htmlOf = (document: unknown): string | null => (isRecord(document) && document["kind"] === "html" ? wordsIn(document["html"]) : null);

/** What a person reads in a block. */
export function textOf({ own }: Block): string {
  const html = wordsIn(own["html"]);
  const rich = html === "" ? "" : new DOMParser().parseFromString(html, "text/html").body.textContent;
  return [wordsIn(own["text"]), rich, wordsIn(own["label"])].filter((text) => text !== "").join(" ");
}

/** A colour as it may stand in a style; anything else is not one. */
const colour = /^#[0-9a-f]{3,8}$/i;

export const colourOr = (value: unknown, fallback: string): string => (typeof value === "string" && colour.test(value) ? value : fallback);

export function styleOf(document: unknown): MailStyle {
  const style = isRecord(document) && isRecord(document["style"]) ? document["style"] : {};
  return {
    background: colourOr(style["background"], "#f4f4f4"),
    content: colourOr(style["content_background"], "#ffffff"),
    text: colourOr(style["text_color"], "#222222"),
    link: colourOr(style["link_color"], "#0b5cad"),
    button: colourOr(style["button_color"], "#0b5cad"),
    buttonText: colourOr(style["button_text_color"], "#ffffff"),
    isSerif: style["font"] === "serif",
  };
}
