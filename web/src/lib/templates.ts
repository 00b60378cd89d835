/** Words of templates, and what is still to be filled in. */
import type { BlockDifference, TemplateCategory, TemplateChannel, TemplateContent } from "@/api/types";
import { blocksOf, textOf } from "./emailDocument";

const categoryWords: Record<TemplateCategory, string> = {
  welcome: "Welcome",
  promotion: "Promotion",
  reminder: "Reminder",
  follow_up: "Follow-up",
  event: "Event",
  newsletter: "Newsletter",
  re_engagement: "Re-engagement",
  survey: "Survey",
  transactional: "Transactional",
  other: "Other",
};

export const categories = Object.keys(categoryWords) as TemplateCategory[];

export const categoryWord = (category: TemplateCategory): string => categoryWords[category];

export const isCategory = (value: unknown): value is TemplateCategory => categories.some((category) => category === value);

const channelWords: Record<TemplateChannel, string> = { sms: "SMS", email: "Email" };

export const channelWord = (channel: TemplateChannel): string => channelWords[channel];

export const isChannel = (value: unknown): value is TemplateChannel => value === "sms" || value === "email";

/** "[Company]", but not the brackets of a field: {{ metadata["Lead source"] }} */
const place = /\[\p{L}[^[\]{}"\n]{0,60}\]/gu;
const field = /\{[{%].*?[}%]\}/gs;

/** What a person has yet to fill in, each once, in the order in which it is read. */
export function toFillIn({ subject, preheader, body, email }: TemplateContent): string[] {
  const texts = [subject ?? "", preheader, body, ...blocksOf(email).map(textOf)];
  return [...new Set(texts.flatMap((text) => text.replaceAll(field, "").match(place) ?? []))];
}

const token = /\{\{-?\s*([^{}|]+?)\s*(?:\|\s*default:\s*(?:"([^"]*)"|'([^']*)')\s*)?-?\}\}/g;

const otherwise = /\{%-?\s*else\s*-?%\}.*?(?=\{%-?\s*endif)/gs;
const snippet = /\{%-?\s*render\s+["']([\w-]+)["']\s*-?%\}/g;
const statement = /\{%.*?%\}/gs;

/** What a choice says when it is met, with each snippet by its name. */
const withoutStatements = (text: string): string =>
  text.replaceAll(otherwise, "").replaceAll(snippet, (_, name: string) => `‹${name.replaceAll(/[_-]+/g, " ")}›`).replaceAll(statement, "");

/** `{{ first_name | default: "there" }}` → "there"; without a fallback the name of the field: "‹first name›". */
export const asRead = (text: string): string =>
  withoutStatements(text).replaceAll(token, (_, path: string, one?: string, other?: string) => {
    const name = path.replaceAll(/["'\]]/g, "").split(/[.[]/).at(-1) ?? path;
    return one ?? other ?? `‹${name.replaceAll("_", " ")}›`;
  });

const fieldWords: Record<string, string> = {
  subject: "Subject",
  preheader: "Preheader",
  body: "Text",
  text: "Text",
  html: "Text",
  label: "Label",
  href: "Link",
  alt: "Description",
  src: "Image",
  align: "Alignment",
  level: "Size",
  widths: "Column widths",
  "email.html": "HTML",
  "email.kind": "Made of",
};

/** "style.button_color" → "Button color" */
export function fieldWord(name: string): string {
  const plain = (name.split(".").at(-1) ?? name).replaceAll("_", " ");
  return fieldWords[name] ?? `${plain.charAt(0).toUpperCase()}${plain.slice(1)}`;
}

const blockWords: Record<string, string> = { text: "Text", social: "Social links", columns: "Columns" };

export const blockWord = (type: string): string => blockWords[type] ?? (type === "" ? "Block" : `${type.charAt(0).toUpperCase()}${type.slice(1)}`);

const changeWords: Record<BlockDifference["change"], string> = { added: "added", removed: "removed", changed: "changed", moved: "moved" };

/** "Heading changed and moved" */
export const blockChangeWord = ({ type, change, has_moved: hasMoved }: BlockDifference): string =>
  `${blockWord(type)} ${changeWords[change]}${hasMoved && change === "changed" ? " and moved" : ""}`;
