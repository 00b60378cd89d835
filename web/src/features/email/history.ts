/** The email with what it was before: one entry for each edit, typing in one place counted as one. */
import type { EmailDocument } from "./document";

interface Entry {
  document: EmailDocument | null;
  /** The edit that led away from this document: "add heading" */
  said: string;
}

export interface History {
  past: Entry[];
  present: EmailDocument | null;
  future: Entry[];
  /** What is being typed in, and when the last key came (milliseconds). */
  typing: { where: string; at: number } | null;
}

export interface Edit {
  next: EmailDocument | null;
  said: string;
  at: number;
  /** The field that is typed in; edits of other kinds have none. */
  typed?: string;
}

/** A pause as long as this begins a new entry. */
const PAUSE_MS = 1_500;
const MOST_ENTRIES = 100;

export const startHistory = (present: EmailDocument | null): History => ({ past: [], present, future: [], typing: null });

export const isSameDocument = (one: EmailDocument | null, other: EmailDocument | null): boolean =>
  one === other || JSON.stringify(one) === JSON.stringify(other);

export function edited(state: History, { next, said, at, typed }: Edit): History {
  if (isSameDocument(next, state.present)) return state;
  const typing = typed === undefined ? null : { where: typed, at };
  const goesOn = typing !== null && state.typing?.where === typing.where && at - state.typing.at < PAUSE_MS;
  const past = goesOn ? state.past : [...state.past, { document: state.present, said }].slice(-MOST_ENTRIES);
  return { past, present: next, future: [], typing };
}

export function undone(state: History): History {
  const last = state.past.at(-1);
  if (last === undefined) return state;
  const future = [{ document: state.present, said: last.said }, ...state.future];
  return { past: state.past.slice(0, -1), present: last.document, future, typing: null };
}

export function redone(state: History): History {
  const [next, ...future] = state.future;
  if (next === undefined) return state;
  return { past: [...state.past, { document: state.present, said: next.said }], present: next.document, future, typing: null };
}

/** What undoing would take back, and redoing bring again; undefined when there is nothing. */
export const undoable = ({ past }: History): string | undefined => past.at(-1)?.said;
export const redoable = ({ future }: History): string | undefined => future[0]?.said;
