/** What the parts of the editor share. */
import { createContext, use } from "react";
import type { AudienceField } from "@/api/types";
import type { Block, BlocksDocument, BlockType, Style } from "./document";
import type { Direction, Place } from "./edit";
import type { TokenLabel } from "./tokens";

export interface Editing {
  document: BlocksDocument;
  fields: AudienceField[];
  labelOf: TokenLabel;
  isReadOnly: boolean;
  /** The options stand under the chosen block instead of beside the page. */
  isNarrow: boolean;
  selected: string | null;
  select: (id: string | null) => void;
  /** Without a place: after the chosen block. */
  add: (type: BlockType, to?: Place) => void;
  remove: (block: Block) => void;
  duplicate: (block: Block) => void;
  step: (block: Block, direction: Direction) => void;
  move: (block: Block, to: Place) => void;
  /** `typed` names the field that is being typed in. */
  change: (id: string, what: Partial<Block>, typed?: string) => void;
  style: (what: Partial<Style>, typed?: string) => void;
  faultOf: (id: string) => string | undefined;
}

export const EditingContext = createContext<Editing | null>(null);

export function useEditing(): Editing {
  const editing = use(EditingContext);
  if (editing === null) throw new Error("Stands outside of the email editor.");
  return editing;
}
