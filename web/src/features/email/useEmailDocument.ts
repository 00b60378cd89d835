/** The email with undo and redo; what is given from outside and was not written here begins a new history. */
import { useState } from "react";
import type { EmailDocument } from "./document";
import { edited, isSameDocument, redoable, redone, startHistory, undoable, undone, type History } from "./history";

/** So far back a document that comes from outside may lie behind what is written here. */
const STILL_OURS = 8;

function wasWrittenHere({ present, past }: History, document: EmailDocument | null): boolean {
  return [present, ...past.slice(-STILL_OURS).map((entry) => entry.document)].some((each) => isSameDocument(each, document));
}

export function useEmailDocument(given: EmailDocument | null, onChange: (document: EmailDocument | null) => void) {
  const [state, setState] = useState(() => startHistory(given));
  const [known, setKnown] = useState(given);
  if (given !== known) {
    setKnown(given);
    if (!wasWrittenHere(state, given)) setState(startHistory(given));
  }

  const show = (next: History) => {
    if (next === state) return;
    setState(next);
    onChange(next.present);
  };
  return {
    document: state.present,
    edit: (next: EmailDocument | null, said: string, typed?: string) => show(edited(state, { next, said, typed, at: Date.now() })),
    undo: () => show(undone(state)),
    redo: () => show(redone(state)),
    undoable: undoable(state),
    redoable: redoable(state),
  };
}
