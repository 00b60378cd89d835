/** The broadcast as the person sees it: the saved one with the edits of this page over it. */
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { createContext, use, useEffect, useState, useSyncExternalStore, type ReactNode } from "react";
import { Draft, type Edits } from "./draft";
import type { Broadcast, Fault, Step } from "./types";

export interface DraftView {
  broadcast: Broadcast;
  step: Step;
  isReadOnly: boolean;
  hasUnsaved: boolean;
  saving: "saved" | "waiting" | "saving" | "failed";
  failure: string | null;
  faults: Fault[];
  generation: number;
  change: (edits: Partial<Edits>) => void;
  flush: () => Promise<void>;
}

const DraftContext = createContext<DraftView | null>(null);

const given = (edits: object) =>
  Object.fromEntries(Object.entries(edits).filter(([, value]) => value !== undefined));

function shown(saved: Broadcast, edits: Edits): Broadcast {
  return {
    ...saved,
    ...given(edits.broadcast),
    steps: saved.steps.map((step, index) => (index === 0 ? { ...step, ...given(edits.step) } : step)),
  };
}

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
    change: (edits) => draft.change(edits),
    flush: () => draft.flush(),
  };
  return <DraftContext value={view}>{props.children}</DraftContext>;
}

export function useDraft(): DraftView {
  const view = use(DraftContext);
  if (view === null) throw new Error("useDraft belongs inside DraftProvider.");
  return view;
}
