/** Numbers, money and moments as the app writes them. */
import type { Money } from "@/api/types";
import { ownZone, wallTime } from "./zones";

const counts = new Intl.NumberFormat("en-US");

export const count = (value: number): string => counts.format(value);

export const countOf = (value: number, one: string, many = `${one}s`): string =>
  `${count(value)} ${value === 1 ? one : many}`;

export function money({ amount, currency }: Money): string {
  const value = Number(amount);
  const isTiny = value !== 0 && Math.abs(value) < 0.1;
  return new Intl.NumberFormat("en-US", {
    style: "currency",
    currency,
    minimumFractionDigits: 2,
    maximumFractionDigits: isTiny ? 4 : 2,
  }).format(value);
}

export const about = (text: string, isExact: boolean): string => (isExact ? text : `about ${text}`);

export function share(part: number, whole: number): string {
  if (whole <= 0 || part === 0) return "0%";
  const percent = (part / whole) * 100;
  if (percent < 0.1) return "< 0.1%";
  if (percent < 10 || (percent > 99 && percent < 100)) return `${(Math.floor(percent * 10) / 10).toFixed(1)}%`;
  return `${Math.floor(percent)}%`;
}

type Moment = Date | string;

function partsOf(moment: Moment, zone?: string) {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    hourCycle: "h23",
  }).formatToParts(new Date(moment));
  return (type: Intl.DateTimeFormatPartTypes) => parts.find((part) => part.type === type)?.value ?? "";
}

/** "9:00", "14:32" */
export function clock(moment: Moment, zone?: string): string {
  const part = partsOf(moment, zone);
  return `${Number(part("hour"))}:${part("minute")}`;
}

/** "9:02:11" */
export const clockSeconds = (moment: Moment, zone?: string): string =>
  `${clock(moment, zone)}:${String(new Date(moment).getUTCSeconds()).padStart(2, "0")}`;

/** "Tue 24 Nov", with the year when it is not this one */
export function day(moment: Moment, zone?: string, now: Date = new Date()): string {
  const part = partsOf(moment, zone);
  const year = part("year") === partsOf(now, zone)("year") ? "" : ` ${part("year")}`;
  return `${part("weekday")} ${part("day")} ${part("month").slice(0, 3)}${year}`;
}

/** "Tue 24 Nov 9:00" */
export const dayAndTime = (moment: Moment, zone?: string, now: Date = new Date()): string =>
  `${day(moment, zone, now)} ${clock(moment, zone)}`;

/** "1 Nov 2026" of a date without a time */
export const dateWord = (date: string): string =>
  new Intl.DateTimeFormat("en-GB", { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" }).format(
    new Date(`${date.slice(0, 10)}T00:00:00Z`),
  );

/** Only the time when it is today. */
export function soon(moment: Moment, zone?: string, now: Date = new Date()): string {
  const isToday = day(moment, zone, now) === day(now, zone, now);
  return isToday ? clock(moment, zone) : dayAndTime(moment, zone, now);
}

const DAY_MS = 86_400_000;
const dayNumber = (moment: Moment, zone: string) => Date.parse(wallTime(new Date(moment), zone).slice(0, 10)) / DAY_MS;

/** What is to come: "14:32" today, "Tue 9:12" within a week, later with its date. */
export function until(moment: Moment, zone: string = ownZone(), now: Date = new Date()): string {
  const days = dayNumber(moment, zone) - dayNumber(now, zone);
  return days > 0 && days < 7 ? `${partsOf(moment, zone)("weekday")} ${clock(moment, zone)}` : soon(moment, zone, now);
}

export function rate(perSecond: number): string {
  if (perSecond >= 10) return `${count(Math.round(perSecond))} per second`;
  if (perSecond >= 1) return `${perSecond.toFixed(1)} per second`;
  return `${count(Math.round(perSecond * 60))} per minute`;
}

const typeWords = { sms: "SMS", email: "Email", sms_email: "SMS & Email" } as const;

export const broadcastTypeWord = (type: keyof typeof typeWords): string => typeWords[type];
