/** Edits of a segment that are not saved: this tab keeps them over a reload and a look elsewhere. */
import { isSameFilter } from "@/lib/filter/document";
import type { Base } from "@/lib/segments";
import type { Group } from "@/api/types";

export interface Unsaved {
  /** What was saved when the editing began. */
  base: Base;
  mine: Group;
}

const key = (id: string) => `clarion.segment.${id}`;

export function unsavedOf(id: string): Unsaved | null {
  try {
    const kept = sessionStorage.getItem(key(id));
    return kept === null ? null : (JSON.parse(kept) as Unsaved);
  } catch {
    return null;
  }
}

export function keepUnsaved(id: string, { base, mine }: Unsaved) {
  try {
    if (isSameFilter(base.filter, mine)) sessionStorage.removeItem(key(id));
    else sessionStorage.setItem(key(id), JSON.stringify({ base: { version: base.version, filter: base.filter, kind: base.kind }, mine }));
  } catch {
    // Without storage a reload loses what was not saved.
  }
}
