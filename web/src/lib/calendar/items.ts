/** What stands on the days of a calendar, and what is to be known of it. */
import type { CalendarStep, CalendarWarning } from "@/api/types";
import { countOf } from "../format";
import { zoneWord } from "../zones";
import { hourWord } from "../sequence/words";

export const nameOf = ({ broadcast_name: name }: Pick<CalendarStep, "broadcast_name">): string => name || "Untitled broadcast";

/** "Step 2, Reminder"; null of a broadcast that has no other. */
export const placeOf = ({ steps, position, step_name: name }: Pick<CalendarStep, "steps" | "position" | "step_name">): string | null =>
  steps === 1 ? null : name === "" ? `Step ${position}` : `Step ${position}, ${name}`;

/** With the place of the step where there are several. */
export const fullNameOf = (step: CalendarStep): string => [nameOf(step), placeOf(step)].filter((each) => each !== null).join(", ");

/** On whose clock it is meant, where that is not the account's; null: it is. */
export function clockSaid(step: CalendarStep, accountZone: string): string | null {
  if (step.in_their_zones) return "each recipient’s clock";
  return step.time_zone === accountZone ? null : `${hourWord(step.local.slice(11, 16))} in ${zoneWord(step.time_zone)}`;
}

export const peopleSaid = (people: number): string => countOf(people, "person", "people");

const shortWords: Record<CalendarWarning["kind"], string> = {
  passed: "Time has passed",
  own_hours: "Moved by its hours",
  sending_hours: "Outside sending hours",
  order: "Check the order",
  conflict: "Conflict",
};

/** A word or two of a warning, as an item has room for. */
export function shortOf(warning: Pick<CalendarWarning, "kind" | "others" | "more">): string {
  if (warning.kind !== "conflict") return shortWords[warning.kind];
  return countOf(warning.others.length + warning.more, "conflict");
}

/** By date, in the order in which they come. */
export function byDate<S extends Pick<CalendarStep, "shown">>(steps: S[]): Map<string, S[]> {
  const days = new Map<string, S[]>();
  for (const step of steps) {
    const date = step.shown.slice(0, 10);
    days.set(date, [...(days.get(date) ?? []), step]);
  }
  return days;
}

export const hourOf = (shown: string): number => Number(shown.slice(11, 13));

const FIRST_HOUR = 8;
const LAST_HOUR = 20;

/** The hours of a week that are worth a row: those of the day, and those in which something is planned. */
export function hoursShown(steps: Pick<CalendarStep, "shown">[], from: string | null, until: string | null, all: boolean): number[] {
  const hours = steps.map(({ shown }) => hourOf(shown));
  const opens = from === null ? FIRST_HOUR : Number(from.slice(0, 2));
  const closes = until === null ? LAST_HOUR : Math.min(23, Number(until.slice(0, 2)));
  const first = all ? 0 : Math.min(opens, ...hours);
  const last = all ? 23 : Math.max(closes, ...hours);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index);
}

/** Whether the sending hours are closed during the whole of this hour. */
export const isClosed = (hour: number, from: string | null, until: string | null): boolean =>
  from !== null && until !== null && (hour + 1 <= Number(from.slice(0, 2)) + Number(from.slice(3, 5)) / 60 || hour >= Number(until.slice(0, 2)) + Number(until.slice(3, 5)) / 60);

export interface Listed {
  step: CalendarStep;
  warning: CalendarWarning;
}

/** Every warning once: of two steps that conflict with each other the earlier one tells. */
export function warningsListed(steps: CalendarStep[]): Listed[] {
  const told = new Set<string>();
  return steps.flatMap((step) =>
    step.warnings.flatMap((warning) => {
      const pairs = warning.others.map((other) => [step.step_id, other.step_id].toSorted().join(" "));
      const isNew = warning.kind !== "conflict" || pairs.some((pair) => !told.has(pair));
      for (const pair of pairs) told.add(pair);
      return isNew ? [{ step, warning }] : [];
    }),
  );
}
