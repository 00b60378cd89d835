/** The editing of one filter: every edit at once, undone and redone, told to screen readers. */
import { useEffect, useMemo, useReducer, useRef, useState } from "react";
import { useNames } from "@/api/named";
import { toFilter } from "@/lib/filter/document";
import { edit, type FilterAction } from "@/lib/filter/edit";
import { history, redoable, undoable, type History } from "@/lib/filter/history";
import { stepTo, type Step } from "@/lib/filter/moves";
import { conditionSentence } from "@/lib/filter/sentence";
import { groupIn, placeOf, type FilterNode, type GroupNode } from "@/lib/filter/tree";
import type { AudienceFields } from "@/api/types";
import type { Editing, FocusOn } from "./catalogue";
import { focusOn } from "./focus";
import { groupWord, nextFocus } from "./spoken";
import { useRemovalNotice } from "./useRemovalNotice";

const nowhere: Record<Step, string> = {
  up: "Already the first in its group",
  down: "Already the last in its group",
  in: "No group above that it could move into",
  out: "Already in the outermost group",
};

export function useKindOf(words: AudienceFields) {
  return useMemo(() => {
    const kinds = new Map(words.operators.map(({ id, value }) => [id, value]));
    return (operator: string) => kinds.get(operator);
  }, [words]);
}

/** Where a part stands now, in words. */
function saidPlace(tree: GroupNode, id: string): string {
  const place = placeOf(tree, id);
  const home = place === null ? undefined : groupIn(tree, place.group);
  if (place === null || home === undefined) return "";
  const where = `place ${place.index + 1} of ${home.parts.length}`;
  return home.id === tree.id ? where : `${where} in the group “${groupWord(home)}”`;
}

interface Options {
  words: AudienceFields;
  start: () => History;
  isReadOnly: boolean;
}

export function useFilterEditing({ words, start, isReadOnly }: Options) {
  const [state, dispatch] = useReducer(history, null, start);
  const [spoken, setSpoken] = useState("");
  const root = useRef<HTMLElement>(null);
  const focus = useRef<FocusOn | null>(null);
  const kindOf = useKindOf(words);
  const tree = state.present;
  const { filter, places } = useMemo(() => toFilter(tree, kindOf), [tree, kindOf]);
  const nameOf = useNames(filter);
  useEffect(() => {
    if (focus.current === null || root.current === null) return;
    focusOn(root.current, focus.current);
    focus.current = null;
  }, [tree]);

  // The same words twice are two messages; an unseen blank makes them differ.
  const say = (text: string) => setSpoken((before) => (before === text ? `${text}\u00a0` : text));
  const said = (node: FilterNode) => (node.kind === "group" ? `Group: ${groupWord(node)}` : conditionSentence(node, words, nameOf));
  const act = (action: FilterAction, focusOn?: FocusOn) => {
    if (focusOn !== undefined) focus.current = focusOn;
    dispatch({ ...action, at: Date.now() });
    const after = edit(tree, action);
    if (action.do === "move" || action.do === "wrap" || action.do === "group") say(`Moved to ${saidPlace(after, action.node)}`);
    if (action.do === "duplicate") say("Duplicated below");
  };

  const step = (id: string, wanted: Step) => {
    const to = stepTo(tree, id, wanted);
    if (to === null) say(nowhere[wanted]);
    else act({ do: "move", node: id, to }, { part: id, at: "handle" });
  };

  const undo = () => {
    const what = undoable(state);
    dispatch({ do: "undo" });
    say(what === undefined ? "Nothing to undo" : `Undone: ${what}`);
  };
  const redo = () => {
    const what = redoable(state);
    dispatch({ do: "redo" });
    say(what === undefined ? "Nothing to redo" : `Done again: ${what}`);
  };

  const tell = useRemovalNotice(tree);
  const remove = (node: FilterNode) => {
    const removed = placeOf(tree, node.id);
    if (removed === null) return;
    act({ do: "remove", node: node.id }, nextFocus(tree, removed));
    tell(node.id, said(node), () => act({ do: "restore", removed }, { part: node.id, at: "handle" }));
  };

  const editing: Omit<Editing, "faultOf"> = { words, isReadOnly, tree, act, remove, step, say, said, nameOf };
  return { state, filter, places, nameOf, editing, undo, redo, spoken, root };
}

export type FilterEditing = ReturnType<typeof useFilterEditing>;
