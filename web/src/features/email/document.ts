/** An email as it is stored: blocks with a style, or people's own HTML. */

export type Align = "left" | "center" | "right";
export type Network = "facebook" | "instagram" | "x" | "linkedin" | "youtube" | "tiktok" | "website";

interface BlockOf<Type extends string> {
  id: string;
  type: Type;
}

/** `text` is plain, with Liquid. */
export interface HeadingBlock extends BlockOf<"heading"> {
  text: string;
  level: 1 | 2 | 3;
  align: Align;
}

/** `html` knows paragraphs, lists, links and four marks; Liquid stands in it as text. */
export interface TextBlock extends BlockOf<"text"> {
  html: string;
  align: Align;
}

/** `src` is an address or /images/…; `width` in percent of the place it has. */
export interface ImageBlock extends BlockOf<"image"> {
  src: string;
  alt: string;
  width: number;
  align: Align;
  href: string;
}

/** A colour that is null is the one of the style. */
export interface ButtonBlock extends BlockOf<"button"> {
  label: string;
  href: string;
  align: Align;
  full_width: boolean;
  color: string | null;
  text_color: string | null;
}

export interface Column {
  /** Percent of the email. */
  width: number;
  blocks: Block[];
}

export interface ColumnsBlock extends BlockOf<"columns"> {
  columns: Column[];
}

export interface DividerBlock extends BlockOf<"divider"> {
  color: string | null;
}

/** `height` in pixels. */
export interface SpacerBlock extends BlockOf<"spacer"> {
  height: number;
}

export interface SocialLink {
  network: Network;
  url: string;
}

export interface SocialBlock extends BlockOf<"social"> {
  align: Align;
  links: SocialLink[];
}

export interface HtmlBlock extends BlockOf<"html"> {
  html: string;
}

/** The postal address and the links to unsubscribe follow it by themselves. */
export interface FooterBlock extends BlockOf<"footer"> {
  html: string;
  align: Align;
}

export type Block =
  | HeadingBlock
  | TextBlock
  | ImageBlock
  | ButtonBlock
  | ColumnsBlock
  | DividerBlock
  | SpacerBlock
  | SocialBlock
  | HtmlBlock
  | FooterBlock;

export type BlockType = Block["type"];

export interface Style {
  /** Pixels. */
  width: number;
  background: string;
  content_background: string;
  text_color: string;
  link_color: string;
  font: "sans" | "serif" | "mono";
  button_color: string;
  button_text_color: string;
}

export interface BlocksDocument {
  kind: "blocks";
  style: Style;
  blocks: Block[];
}

export interface HtmlDocument {
  kind: "html";
  html: string;
}

export type EmailDocument = BlocksDocument | HtmlDocument;

export const MOST_BLOCKS = 200;
export const MOST_COLUMNS = 4;
export const MOST_LINKS = 12;

export const blockNames: Record<BlockType, string> = {
  heading: "Heading",
  text: "Text",
  image: "Image",
  button: "Button",
  columns: "Columns",
  divider: "Divider",
  spacer: "Space",
  social: "Social links",
  html: "HTML",
  footer: "Footer",
};

export const blockTypes = Object.keys(blockNames) as BlockType[];

export const networkNames: Record<Network, string> = {
  facebook: "Facebook",
  instagram: "Instagram",
  x: "X",
  linkedin: "LinkedIn",
  youtube: "YouTube",
  tiktok: "TikTok",
  website: "Website",
};

export const plainStyle: Style = {
  width: 600,
  background: "#f4f4f4",
  content_background: "#ffffff",
  text_color: "#222222",
  link_color: "#0b5cad",
  font: "sans",
  button_color: "#0b5cad",
  button_text_color: "#ffffff",
};

export const newId = (): string => [...crypto.getRandomValues(new Uint32Array(2))].map((part) => part.toString(36)).join("");

/** What a block is when it is put in. */
export function newBlock(type: BlockType): Block {
  const id = newId();
  switch (type) {
    case "heading":
      return { id, type, text: "", level: 1, align: "left" };
    case "text":
      return { id, type, html: "", align: "left" };
    case "image":
      return { id, type, src: "", alt: "", width: 100, align: "center", href: "" };
    case "button":
      return { id, type, label: "", href: "", align: "center", full_width: false, color: null, text_color: null };
    case "columns":
      return { id, type, columns: [{ width: 50, blocks: [] }, { width: 50, blocks: [] }] };
    case "divider":
      return { id, type, color: null };
    case "spacer":
      return { id, type, height: 24 };
    case "social":
      return { id, type, align: "center", links: [{ network: "website", url: "" }] };
    case "html":
      return { id, type, html: "" };
    case "footer":
      return { id, type, html: "", align: "center" };
  }
}

/** The first page of somebody who has written nothing yet. */
export const newDocument = (): BlocksDocument => ({
  kind: "blocks",
  style: plainStyle,
  blocks: [newBlock("heading"), newBlock("text"), newBlock("button"), newBlock("footer")],
});

/** The first page of a new template: what is still to be written stands in brackets. */
export const firstDocument = (): BlocksDocument => ({
  kind: "blocks",
  style: plainStyle,
  blocks: [
    { id: newId(), type: "heading", text: "[Headline]", level: 1, align: "left" },
    { id: newId(), type: "text", html: '<p>Hi {{ first_name | default: "there" }},</p><p>[What you have to say]</p>', align: "left" },
    newBlock("footer"),
  ],
});

const withoutTags = (html: string): string => new DOMParser().parseFromString(html, "text/html").body.textContent.trim();

const shortened = (text: string): string => (text.length > 40 ? `${text.slice(0, 39)}…` : text);

function wordsIn(block: Block): string {
  switch (block.type) {
    case "heading":
      return block.text.trim();
    case "text":
    case "footer":
      return withoutTags(block.html);
    case "image":
      return block.alt.trim();
    case "button":
      return block.label.trim();
    case "social":
      return block.links.map(({ network }) => networkNames[network]).join(", ");
    default:
      return "";
  }
}

/** "Heading: Hello", as a screen reader says it. */
export function spokenBlock(block: Block): string {
  if (block.type === "columns") return `${block.columns.length} columns`;
  const words = shortened(wordsIn(block));
  return words === "" ? blockNames[block.type] : `${blockNames[block.type]}: ${words}`;
}
