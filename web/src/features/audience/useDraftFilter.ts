/** The filter of a broadcast while it is edited: saved with it, kept over a reload of the tab. */
import { useEffect, useEffectEvent } from "react";
import { useDraft } from "@/api/useDraft";
import { fromFilter, isSameFilter, toFilter, type KindOf } from "@/lib/filter/document";
import { startHistory, type History } from "@/lib/filter/history";
import type { GroupNode } from "@/lib/filter/tree";
import type { AudienceFields, Broadcast, Group } from "@/api/types";
import { useFilterEditing, useKindOf } from "./useFilterEditing";

const storageKey = (id: string) => `clarion.filter.${id}`;

/** So that going to another step and back loses nothing that could be undone. */
let last: { broadcast: string; state: History } | null = null;

/** Unfinished conditions are not saved with the broadcast; this tab keeps them over a reload. */
function remembered(broadcast: Broadcast, kindOf: KindOf): History | null {
  const isNow = (tree: GroupNode) => isSameFilter(toFilter(tree, kindOf).filter, broadcast.filter);
  try {
    if (last?.broadcast === broadcast.id && isNow(last.state.present)) return last.state;
    const kept = sessionStorage.getItem(storageKey(broadcast.id));
    if (kept === null) return null;
    const tree = withNewIds(JSON.parse(kept) as GroupNode);
    return isNow(tree) ? startHistory(tree) : null;
  } catch {
    return null;
  }
}

let restored = 0;
function withNewIds(tree: GroupNode): GroupNode {
  return {
    ...tree,
    id: `r${++restored}`,
    parts: tree.parts.map((part) => (part.kind === "group" ? withNewIds(part) : { ...part, id: `r${++restored}` })),
  };
}

export function useDraftFilter(words: AudienceFields) {
  const { broadcast, change, isReadOnly } = useDraft();
  const kindOf = useKindOf(words);
  const start = () => remembered(broadcast, kindOf) ?? startHistory(fromFilter(broadcast.filter));
  const editing = useFilterEditing({ words, start, isReadOnly });
  const { state, filter } = editing;

  const save = useEffectEvent((edited: Group) => {
    if (!isReadOnly && !isSameFilter(edited, broadcast.filter)) change({ broadcast: { filter: edited } });
  });
  useEffect(() => save(filter), [filter]);
  useEffect(() => {
    last = { broadcast: broadcast.id, state };
    try {
      sessionStorage.setItem(storageKey(broadcast.id), JSON.stringify(state.present));
    } catch {
      // Without storage a reload loses only what was unfinished.
    }
  }, [state, broadcast.id]);
  return editing;
}
