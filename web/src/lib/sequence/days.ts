/** The days of a sequence: day 1 is the day of its first step, whatever the date. */
import type { Step } from "@/api/types";
import { wallTime } from "../zones";

const DAY_MS = 86_400_000;

export type StepTime = Pick<Step, "send_mode" | "scheduled_for" | "day_number" | "day_time" | "time_zone">;

/** "2026-11-30" some days later */
export const dateAfter = (date: string, days: number): string => new Date(Date.parse(`${date}T00:00:00Z`) + days * DAY_MS).toISOString().slice(0, 10);

export const daysBetween = (from: string, to: string): number => Math.round((Date.parse(`${to}T00:00:00Z`) - Date.parse(`${from}T00:00:00Z`)) / DAY_MS);

/** Monday is 0. */
export const weekdayOf = (date: string): number => (new Date(`${date}T00:00:00Z`).getUTCDay() + 6) % 7;

/** The date of day 1: chosen, or today when it is sent at once; null while none is chosen. */
export function firstDate(steps: StepTime[], now: Date, begunAt: string | null = null): string | null {
  const [first] = steps;
  if (first === undefined) return null;
  if (first.send_mode === "now") return wallTime(begunAt === null ? now : new Date(begunAt), first.time_zone).slice(0, 10);
  return first.scheduled_for?.slice(0, 10) ?? null;
}

export interface When {
  /** From 1; null while it cannot be told. */
  day: number | null;
  date: string | null;
  /** "09:00"; null: at once, or not chosen yet. */
  time: string | null;
}

export function whenOf(step: StepTime, dayOne: string | null): When {
  if (step.send_mode === "now") return { day: 1, date: dayOne, time: null };
  if (step.day_number !== null) {
    return { day: step.day_number, date: dayOne === null ? null : dateAfter(dayOne, step.day_number - 1), time: step.day_time };
  }
  if (step.scheduled_for === null) return { day: null, date: null, time: null };
  const date = step.scheduled_for.slice(0, 10);
  return { day: dayOne === null ? null : daysBetween(dayOne, date) + 1, date, time: step.scheduled_for.slice(11, 16) };
}

export interface DayOf<S> {
  /** Null: no day is chosen yet. */
  day: number | null;
  date: string | null;
  steps: S[];
}

/** The steps in their order; those that follow each other on one day are together. */
export function byDay<S extends StepTime>(steps: S[], dayOne: string | null): DayOf<S>[] {
  const days: DayOf<S>[] = [];
  for (const step of steps) {
    const { day, date } = whenOf(step, dayOne);
    const last = days.at(-1);
    if (last !== undefined && last.day === day) last.steps.push(step);
    else days.push({ day, date, steps: [step] });
  }
  return days;
}

export interface Week {
  /** Its seven dates, Monday first. */
  dates: string[];
  /** So many weeks without anything were left out before it. */
  skipped: number;
}

const LONGEST_GAP_SHOWN = 1;

/** The weeks from the first date to the one after the last, without long stretches of nothing. */
export function weeksOf(dates: string[]): Week[] {
  const [first] = dates.toSorted();
  const last = dates.toSorted().at(-1);
  if (first === undefined || last === undefined) return [];
  const start = dateAfter(first, -weekdayOf(first));
  const count = Math.floor(daysBetween(start, last) / 7) + 2;
  const weeks: Week[] = [];
  let skipped = 0;
  for (let index = 0; index < count; index += 1) {
    const monday = dateAfter(start, index * 7);
    const days = Array.from({ length: 7 }, (_, day) => dateAfter(monday, day));
    const next = Array.from({ length: 7 }, (_, day) => dateAfter(monday, 7 + day));
    const isNear = [...days, ...next, ...Array.from({ length: 7 * LONGEST_GAP_SHOWN }, (_, day) => dateAfter(monday, -1 - day))].some((date) => dates.includes(date));
    if (!isNear) {
      skipped += 1;
      continue;
    }
    weeks.push({ dates: days, skipped });
    skipped = 0;
  }
  return weeks;
}
