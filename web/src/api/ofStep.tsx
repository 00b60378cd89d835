/** One step of a broadcast for the screens that edit it: a draft saves by itself, of a running sequence the edits wait to be confirmed. */
import { createContext, use, useState, type ReactNode } from "react";
import type { StepEdits } from "./edits";
import { ApiProblem } from "./problem";
import { useStepCommands, useStepEffects } from "./steps";
import type { Broadcast, Step } from "./types";
import { DraftContext, useDraft, type DraftView } from "./useDraft";

/** Until it has begun nobody has got anything of it. */
export const hasBegun = ({ status }: Pick<Step, "status">): boolean => status !== "draft" && status !== "scheduled";

const goesOn: Broadcast["status"][] = ["scheduled", "sending", "paused"];

/** A step of a launched broadcast that can still be changed. */
export const canStillChange = (broadcast: Pick<Broadcast, "status">, step: Pick<Step, "status">): boolean =>
  goesOn.includes(broadcast.status) && !hasBegun(step);

export interface Held {
  edits: StepEdits;
  isEmpty: boolean;
  effects: ReturnType<typeof useStepEffects>;
  saving: ReturnType<typeof useStepCommands>["change"];
  /** What the change would do, before it is saved. */
  foresee: () => void;
  save: (onSaved: () => void) => void;
  discard: () => void;
}

const HeldContext = createContext<Held | null>(null);

/** Null where the edits of the step are saved by themselves, or cannot be made. */
export const useHeld = (): Held | null => use(HeldContext);

export function OfStep({ id, children }: { id: string; children: ReactNode }) {
  const view = useDraft();
  const step = view.broadcast.steps.find((each) => each.id === id);
  if (step === undefined) return null;
  if (view.broadcast.status !== "draft" && canStillChange(view.broadcast, step)) {
    return (
      <HeldStep key={id} view={view} step={step}>
        {children}
      </HeldStep>
    );
  }
  const own: DraftView = {
    ...view,
    step,
    faults: view.faultsOf === id ? view.faults : [],
    change: ({ step: edits, ...others }) => view.change({ ...others, ...(edits === undefined ? {} : { steps: { [id]: edits } }) }),
  };
  return <DraftContext value={own}>{children}</DraftContext>;
}

function HeldStep({ view, step, children }: { view: DraftView; step: Step; children: ReactNode }) {
  const [edits, setEdits] = useState<StepEdits>({});
  const [generation, setGeneration] = useState(0);
  const effects = useStepEffects(view.broadcast);
  const { change: saving } = useStepCommands();
  const { id } = step;
  const refused = [saving.error, effects.error].find((error) => error instanceof ApiProblem);

  const forget = () => {
    effects.reset();
    saving.reset();
  };
  const discard = () => {
    forget();
    setEdits({});
    setGeneration((before) => before + 1);
  };
  const held: Held = {
    edits,
    isEmpty: Object.keys(edits).length === 0,
    effects,
    saving,
    foresee: () => effects.mutate({ id, edits }),
    save: (onSaved) =>
      saving.mutate(
        { id, edits },
        {
          onSuccess: () => {
            discard();
            onSaved();
          },
        },
      ),
    discard,
  };
  const own: DraftView = {
    ...view,
    step: { ...step, ...edits } as Step,
    isReadOnly: false,
    saving: "saved",
    failure: null,
    hasUnsaved: false,
    faults: refused instanceof ApiProblem ? refused.faults : [],
    faultsOf: id,
    generation: view.generation + generation,
    change: ({ step: changed }) => {
      if (changed === undefined) return;
      forget();
      setEdits((before) => ({ ...before, ...changed }));
    },
  };
  return (
    <HeldContext value={held}>
      <DraftContext value={own}>{children}</DraftContext>
    </HeldContext>
  );
}
