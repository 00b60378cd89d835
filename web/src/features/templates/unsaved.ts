/** Edits of a template that are not saved: this tab keeps them over a reload and a look elsewhere. */
import type { Template } from "@/api/types";

/** What a person can edit here. */
export interface Edit {
  name: string;
  category: Template["category"];
  subject: string;
  preheader: string;
  body: string;
}

export interface Unsaved {
  /** The version from which the editing began. */
  version: number;
  before: Edit;
  mine: Edit;
}

export const editOf = ({ name, category, subject, preheader, body }: Template): Edit => ({ name, category, subject: subject ?? "", preheader, body });

const names = ["name", "category", "subject", "preheader", "body"] as const;

export const isSame = (one: Edit, other: Edit): boolean => names.every((name) => one[name] === other[name]);

/** Only what differs, so that what somebody else saved beside it stays. */
export function changesOf({ before, mine }: Pick<Unsaved, "before" | "mine">): Partial<Edit> {
  return Object.fromEntries(names.filter((name) => before[name] !== mine[name]).map((name) => [name, mine[name]]));
}

const key = (id: string) => `clarion.template.${id}`;

export function unsavedOf(id: string): Unsaved | null {
  try {
    const kept = sessionStorage.getItem(key(id));
    return kept === null ? null : (JSON.parse(kept) as Unsaved);
  } catch {
    return null;
  }
}

export function keepUnsaved(id: string, unsaved: Unsaved | null) {
  try {
    if (unsaved === null || isSame(unsaved.before, unsaved.mine)) sessionStorage.removeItem(key(id));
    else sessionStorage.setItem(key(id), JSON.stringify(unsaved));
  } catch {
    // Without storage a reload loses what was not saved.
  }
}
