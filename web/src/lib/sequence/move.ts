/** What changes when a step is dragged: changing places keeps the times where they are, another day takes the step's own hour along. */
import type { Move } from "@/api/steps";
import type { Step } from "@/api/types";
import { whenOf, type StepTime } from "./days";

type Movable = Pick<Step, "id"> & StepTime;

const MOST_DAYS = 730;
const USUAL_HOUR = "09:00";

/** In a list without the step, `to` is where it comes to stand. */
export function inOrder<S extends { id: string }>(steps: S[], id: string, to: number): S[] {
  const step = steps.find((each) => each.id === id);
  if (step === undefined) return steps;
  return steps.filter((each) => each.id !== id).toSpliced(to, 0, step);
}

/** The step at another place; what comes to stand at a place is sent when the place says. */
export const toPlace = (steps: Movable[], id: string, to: number): Move => ({ order: inOrder(steps, id, to).map((step) => step.id), times: [] });

const timeOf = (step: StepTime): Required<Pick<Step, "send_mode" | "scheduled_for" | "day_number" | "day_time">> => ({
  send_mode: step.send_mode,
  scheduled_for: step.scheduled_for,
  day_number: step.day_number,
  day_time: step.day_time,
});

const isSameTime = (one: StepTime, other: StepTime) => JSON.stringify(timeOf(one)) === JSON.stringify(timeOf(other));

/**
 * The step on another day at its hour, among the others in the order of their times. Null where it cannot be: the first step is what
 * the days count from, and nothing comes before it.
 */
export function toDay(steps: Movable[], id: string, day: number, dayOne: string | null): Move | null {
  const step = steps.find((each) => each.id === id);
  const [first] = steps;
  if (step === undefined || first === undefined || step.id === first.id || day < 1 || day > MOST_DAYS) return null;
  const moved: Movable = { ...step, send_mode: "later", scheduled_for: null, day_number: day, day_time: whenOf(step, dayOne).time ?? USUAL_HOUR };
  const minutes = (each: Movable) => {
    const when = whenOf(each, dayOne);
    return when.day === null ? Number.POSITIVE_INFINITY : when.day * 10_000 + Number((when.time ?? "00:00").replace(":", ""));
  };
  const others = steps.filter((each) => each.id !== id);
  const later = others.findIndex((each, index) => index > 0 && minutes(each) > minutes(moved));
  const after = others.toSpliced(later < 0 ? others.length : later, 0, moved);
  // When the order changes, the times stay at the places; what stood there before gets its own back.
  const times = after
    .filter((each, place) => !isSameTime(each, steps[place] ?? each))
    .map((each) => ({ id: each.id, edits: timeOf(each) }));
  return { order: after.map((each) => each.id), times };
}
