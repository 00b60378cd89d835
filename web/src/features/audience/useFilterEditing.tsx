/** The filter of this page: changed at once, saved with the broadcast, a removed part can come back. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useEffectEvent, useMemo, useReducer, useState } from "react";
import { useDraft } from "@/api/useDraft";
import { edit, fromFilter, isSameFilter, placeOf, toFilter, type GroupNode } from "@/lib/filter/tree";
import type { AudienceFields, Broadcast, Group as Filter } from "@/api/types";
import type { Editing } from "./catalogue";

const UNDO_MS = 8_000;
const storageKey = (id: string) => `clarion.filter.${id}`;

/** Unfinished conditions are not saved with the broadcast; this tab keeps them over a reload. */
function remembered(broadcast: Broadcast, prune: (tree: GroupNode) => Filter): GroupNode | null {
  try {
    const kept = sessionStorage.getItem(storageKey(broadcast.id));
    if (kept === null) return null;
    const tree = withNewIds(JSON.parse(kept) as GroupNode);
    return isSameFilter(prune(tree), broadcast.filter) ? tree : null;
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

export function useFilterEditing(words: AudienceFields) {
  const { broadcast, change, isReadOnly, faults } = useDraft();
  const kindOf = useMemo(() => {
    const kinds = new Map(words.operators.map(({ id, value }) => [id, value]));
    return (operator: string) => kinds.get(operator);
  }, [words]);
  const [tree, act] = useReducer(
    edit,
    null,
    () => remembered(broadcast, (kept) => toFilter(kept, kindOf).filter) ?? fromFilter(broadcast.filter),
  );
  const [newest, setNewest] = useState<string | null>(null);
  const { filter, places } = useMemo(() => toFilter(tree, kindOf), [tree, kindOf]);

  const save = useEffectEvent((edited: Filter) => {
    if (!isReadOnly && !isSameFilter(edited, broadcast.filter)) change({ broadcast: { filter: edited } });
  });
  useEffect(() => save(filter), [filter]);
  useEffect(() => {
    try {
      sessionStorage.setItem(storageKey(broadcast.id), JSON.stringify(tree));
    } catch {
      // Without storage a reload loses only what was unfinished.
    }
  }, [tree, broadcast.id]);

  const remove = (id: string, label: string) => {
    const removed = placeOf(tree, id);
    if (removed === null) return;
    act({ do: "remove", node: id });
    const notice = `removed-${id}`;
    const undo = () => {
      act({ do: "restore", removed });
      notifications.hide(notice);
    };
    notifications.show({
      id: notice,
      autoClose: UNDO_MS,
      message: (
        <Group justify="space-between" wrap="nowrap">
          {label} removed
          <Button variant="subtle" size="compact-sm" onClick={undo}>
            Undo
          </Button>
        </Group>
      ),
    });
  };

  const editing: Omit<Editing, "faultOf"> = { words, isReadOnly, act, remove, newest, setNewest };
  return { tree, filter, places, faults, editing };
}
