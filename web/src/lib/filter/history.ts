/** The filter with what it was before: one entry for each edit, typing in one place counted as one. */
import { edit, editWords, type FilterAction } from "./edit";
import type { GroupNode } from "./tree";

interface Entry {
  tree: GroupNode;
  /** The edit that led away from this tree. */
  said: string;
}

export interface History {
  past: Entry[];
  present: GroupNode;
  future: Entry[];
  /** Which condition is being typed in, and when the last key came (milliseconds). */
  typing: { condition: string; at: number } | null;
  /** The tree that the removal of a part left, so that "Undo" of its notice takes the removal itself back. */
  removal: { node: string; left: GroupNode } | null;
}

export type HistoryAction = (FilterAction & { at: number }) | { do: "undo" } | { do: "redo" };

/** A pause as long as this begins a new entry. */
const PAUSE_MS = 1_500;
const MOST_ENTRIES = 200;

export const startHistory = (present: GroupNode): History => ({ past: [], present, future: [], typing: null, removal: null });

export function history(state: History, action: HistoryAction): History {
  if (action.do === "undo") return back(state);
  if (action.do === "redo") return forth(state);
  const { removal } = state;
  if (action.do === "restore" && removal?.left === state.present && removal.node === action.removed.node.id) return back(state);
  const present = edit(state.present, action);
  if (isSame(present, state.present)) return state;
  const typing = action.do === "change" && action.isTyped === true ? { condition: action.condition, at: action.at } : null;
  const goesOn = typing !== null && state.typing?.condition === typing.condition && typing.at - state.typing.at < PAUSE_MS;
  const past = goesOn ? state.past : [...state.past, { tree: state.present, said: editWords[action.do] }].slice(-MOST_ENTRIES);
  return { past, present, future: [], typing, removal: action.do === "remove" ? { node: action.node, left: present } : null };
}

const isSame = (one: GroupNode, other: GroupNode) => one === other || JSON.stringify(one) === JSON.stringify(other);

function back(state: History): History {
  const last = state.past.at(-1);
  if (last === undefined) return state;
  const future = [{ tree: state.present, said: last.said }, ...state.future];
  return { past: state.past.slice(0, -1), present: last.tree, future, typing: null, removal: null };
}

function forth(state: History): History {
  const [next, ...future] = state.future;
  if (next === undefined) return state;
  return { past: [...state.past, { tree: state.present, said: next.said }], present: next.tree, future, typing: null, removal: null };
}

/** What undoing would take back, and redoing bring again; undefined when there is nothing. */
export const undoable = ({ past }: History): string | undefined => past.at(-1)?.said;
export const redoable = ({ future }: History): string | undefined => future[0]?.said;
