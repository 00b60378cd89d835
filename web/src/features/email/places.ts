/** Which part of the editor a pointer of the server leads to. */
import { spokenBlock, type Block, type EmailDocument } from "./document";
import { blockAt } from "./edit";

export type Tab = "design" | "html" | "text" | "preview";

export interface Target {
  /** What the place is called. */
  name: string;
  tab: Tab | null;
  /** The block, or the name of the field. */
  block?: Block;
  field?: string;
}

const lines: Record<string, string> = { subject: "Subject", preheader: "Preheader", from_name: "From", reply_to: "Answers go to" };

/** Undefined for what concerns the email as a whole. */
export function targetOf(document: EmailDocument | null, pointer: string): Target | undefined {
  const [, first = "", second] = pointer.split("/");
  const line = lines[first];
  if (line !== undefined) return { name: line, tab: null, field: first };
  if (first === "text_part") return { name: "Text part", tab: "text", field: first };
  if (document?.kind === "html") return second === "html" ? { name: "HTML", tab: "html", field: "html" } : undefined;
  const block = document === null ? undefined : blockAt(document, pointer);
  return block === undefined ? undefined : { name: spokenBlock(block), tab: "design", block };
}
