/** A step at another time: what is to be saved for it, and what brings it back. */
import type { CalendarStep, StepChange } from "@/api/types";
import { dateAfter, daysBetween } from "../sequence/days";
import { dayWord, hourWord } from "../sequence/words";

export type MoveEdits = Pick<StepChange, "scheduled_for" | "day_number" | "day_time">;

const MINUTE_MS = 60_000;
const MOST_DAYS = 730;

const minutesOf = (wall: string): number => Date.parse(`${wall.slice(0, 16)}:00Z`) / MINUTE_MS;
const wallOf = (minutes: number): string => new Date(minutes * MINUTE_MS).toISOString().slice(0, 19);

/** What its own clock shows when it is put at this place of the calendar, which goes by the account's clock. */
export const localAt = (step: Pick<CalendarStep, "local" | "shown">, shown: string): string => wallOf(minutesOf(step.local) + minutesOf(shown) - minutesOf(step.shown));

/** On another day at the same time. */
export const onDay = (shown: string, date: string): string => `${date}T${shown.slice(11)}`;

/** On a day in an hour; the minutes stay. */
export const inHour = (shown: string, date: string, hour: number): string => `${date}T${String(hour).padStart(2, "0")}${shown.slice(13)}`;

type Timed = Pick<CalendarStep, "day_number" | "counts_from" | "position">;

/** Why it cannot be at this wall time of its own clock; null: it can. */
export function whyNot({ day_number: day, counts_from: first, position }: Timed, local: string): string | null {
  if (day === null) return null;
  const number = daysBetween(first, local.slice(0, 10)) + 1;
  if (number < 1) return `Step ${position} counts from the first step, which is on ${dayWord(first)}. Choose that day or a later one, or move the first step.`;
  return number > MOST_DAYS ? `Days go up to ${MOST_DAYS}. Choose an earlier one.` : null;
}

/** What is saved so that it leaves at this wall time of its own clock: a step that counts its days goes on counting them. */
export function editsFor({ day_number: day, counts_from: first }: Pick<Timed, "day_number" | "counts_from">, local: string): MoveEdits {
  const wall = local.slice(0, 16);
  return day === null ? { scheduled_for: `${wall}:00` } : { day_number: daysBetween(first, wall.slice(0, 10)) + 1, day_time: wall.slice(11) };
}

/** What brings it back to the time that was chosen. */
export const editsBack = ({ scheduled_for: date, day_number: day, day_time: time }: Pick<CalendarStep, "scheduled_for" | "day_number" | "day_time">): MoveEdits =>
  day === null ? { scheduled_for: date } : { day_number: day, day_time: time };

/** "Fri 27 Nov 9:00" of wall time */
export const wallSaid = (wall: string, now: Date = new Date()): string => `${dayWord(wall.slice(0, 10), now)} ${hourWord(wall.slice(11, 16))}`;

/** Today or tomorrow in words, else nothing. */
export const nearWord = (date: string, today: string): string | null => (date === today ? "Today" : date === dateAfter(today, 1) ? "Tomorrow" : null);
