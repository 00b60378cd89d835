/** Edits of a template that are not saved: this tab keeps them over a reload and a look elsewhere. */
import type { Template } from "@/api/types";

/** What a person can edit here. */
export interface Edit {
  name: string;
  category: Template["category"];
  subject: string;
  preheader: string;
  body: string;
  /** Null: an SMS, or an e-mail whose HTML is the body. */
  email: Template["email"];
}

export interface Unsaved {
  /** The version from which the editing began. */
  version: number;
  before: Edit;
  mine: Edit;
}

export const editOf = ({ name, category, subject, preheader, body, email }: Template): Edit => ({ name, category, subject: subject ?? "", preheader, body, email });

const names = ["name", "category", "subject", "preheader", "body", "email"] as const;

const isEqual = (one: Edit, other: Edit, name: keyof Edit): boolean => one[name] === other[name] || (name === "email" && JSON.stringify(one.email) === JSON.stringify(other.email));

export const isSame = (one: Edit, other: Edit): boolean => names.every((name) => isEqual(one, other, name));

/** Only what differs, so that what somebody else saved beside it stays. */
export function changesOf({ before, mine }: Pick<Unsaved, "before" | "mine">): Partial<Edit> {
  return Object.fromEntries(names.filter((name) => !isEqual(before, mine, name)).map((name) => [name, mine[name]]));
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
