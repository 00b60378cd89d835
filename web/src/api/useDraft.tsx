/** The broadcast as the person sees it: the saved one with the edits of this page over it. */
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Draft, type Change } from "./draft";
import { shown } from "./edits";
import type { Broadcast, Fault, Step } from "./types";

export interface DraftView {
  broadcast: Broadcast;
  /** The first step; inside `OfStep` the one that it names. */
  step: Step;
  isReadOnly: boolean;
  hasUnsaved: boolean;
  saving: "saved" | "waiting" | "saving" | "failed";
  failure: string | null;
  faults: Fault[];
  generation: number;
  /** The step of the faults, where they are of one. */
  faultsOf: string | null;
  /** `step` are edits of the step above. */
  change: (change: Change) => void;
  flush: () => Promise<void>;
  /** Something that is done at once, after what was edited is saved. */
  act: (call: (broadcast: Broadcast) => Promise<Broadcast>) => Promise<Broadcast | null>;
}

export const DraftContext = createContext<DraftView | null>(null);

export function useDraftOf(id: string): Draft {
  const cache = useQueryClient();
  const [draft] = useState(
    () =>
      new Draft(id, cache, () =>
        notifications.show({ id: "changed-elsewhere", message: "Changed elsewhere — showing the newest" }),
      ),
  );
  useEffect(() => {
    const flush = () => void draft.flush();
    window.addEventListener("pagehide", flush);
    window.addEventListener("online", flush);
    return () => {
      window.removeEventListener("pagehide", flush);
      window.removeEventListener("online", flush);
      flush();
    };
  }, [draft]);
  return draft;
}

export function DraftProvider(props: { draft: Draft; saved: Broadcast; children: ReactNode }) {
  const { draft } = props;
  const state = useSyncExternalStore(draft.subscribe, draft.snapshot);
  const saved = draft.known() ?? props.saved;
  const broadcast = shown(saved, state.edits);
  const [step] = broadcast.steps;
  if (step === undefined) throw new Error("A broadcast has at least one step.");
  const view: DraftView = {
    broadcast,
    step,
    isReadOnly: saved.status !== "draft",
    hasUnsaved: state.saving !== "saved",
    saving: state.saving,
    failure: state.failure,
    faults: state.faults,
    generation: state.generation,
    faultsOf: state.faultsOf,
    change: (change) => draft.change(change),
    flush: () => draft.flush(),
    act: (call) => draft.act(call),
  };
  return <DraftContext value={view}>{props.children}</DraftContext>;
}

export function useDraft(): DraftView {
  const view = use(DraftContext);
  if (view === null) throw new Error("useDraft belongs inside DraftProvider.");
  return view;
}
