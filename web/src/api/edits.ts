/** What was edited of a broadcast and is not saved yet: of itself, and of each of its steps by id. */
import type { Broadcast, BroadcastChange, StepChange } from "./types";

export type BroadcastEdits = Omit<BroadcastChange, "version">;
export type StepEdits = Omit<StepChange, "version">;

export interface Edits {
  broadcast: BroadcastEdits;
  steps: Record<string, StepEdits>;
}

export const none: Edits = { broadcast: {}, steps: {} };

export const isEmpty = ({ broadcast, steps }: Edits): boolean =>
  Object.keys(broadcast).length === 0 && Object.values(steps).every((step) => Object.keys(step).length === 0);

const without = <T extends object>(from: T, keys: object): T =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !(key in keys))) as T;

const eachStep = (edits: Edits, become: (step: StepEdits, id: string) => StepEdits): Edits["steps"] =>
  Object.fromEntries(Object.entries(edits.steps).map(([id, step]) => [id, become(step, id)]));

export const over = (below: Edits, above: Edits): Edits => ({
  broadcast: { ...below.broadcast, ...above.broadcast },
  steps: { ...below.steps, ...eachStep(above, (step, id) => ({ ...below.steps[id], ...step })) },
});

/** Without the fields that the others have, too. */
export const except = (edits: Edits, others: Edits): Edits => ({
  broadcast: without(edits.broadcast, others.broadcast),
  steps: eachStep(edits, (step, id) => without(step, others.steps[id] ?? {})),
});

/** A refused date is of no concern to a step that is sent at once. */
export const withoutTimeOf = (edits: Edits, id: string): Edits => {
  const step = edits.steps[id];
  return step === undefined ? edits : { ...edits, steps: { ...edits.steps, [id]: without(step, { scheduled_for: null, time_zone: null }) } };
};

/** One request: the broadcast itself, or one step. */
export type Part = { of: "broadcast" } | { of: "step"; id: string };

export function nextPart({ broadcast, steps }: Edits): Part | null {
  if (Object.keys(broadcast).length > 0) return { of: "broadcast" };
  const id = Object.keys(steps).find((each) => Object.keys(steps[each] ?? {}).length > 0);
  return id === undefined ? null : { of: "step", id };
}

/** This part alone, and all the rest. */
export function split(edits: Edits, part: Part): [Edits, Edits] {
  if (part.of === "broadcast") return [{ ...none, broadcast: edits.broadcast }, { ...edits, broadcast: {} }];
  const rest = Object.fromEntries(Object.entries(edits.steps).filter(([id]) => id !== part.id));
  return [{ ...none, steps: { [part.id]: edits.steps[part.id] ?? {} } }, { ...edits, steps: rest }];
}

/** What the server works out by itself, or what happens to a step. */
const followed = new Set(["due_for", "scheduled_at", "status", "launched_at", "completed_at"]);

/** The same for two versions that a person would not tell apart. */
export const contentOf = (broadcast: Broadcast): string =>
  JSON.stringify([
    broadcast.name, broadcast.broadcast_type, broadcast.filter, broadcast.audience_mode, broadcast.late_policy, broadcast.max_per_minute,
    broadcast.stop_at_failure_rate, broadcast.track_opens, broadcast.track_clicks, broadcast.leave_on_reply, broadcast.goal,
    broadcast.steps.map((step) => Object.entries(step).filter(([key]) => !followed.has(key))),
  ]);

const given = (edits: object) => Object.fromEntries(Object.entries(edits).filter(([, value]) => value !== undefined));

/** The broadcast with the edits over it. */
export const shown = (saved: Broadcast, edits: Edits): Broadcast => ({
  ...saved,
  ...given(edits.broadcast),
  steps: saved.steps.map((step) => ({ ...step, ...given(edits.steps[step.id] ?? {}) })),
});
