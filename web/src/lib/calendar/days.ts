/** The days that a calendar shows: a month in whole weeks, or a week; dates without a time throughout. */
import { dateAfter, daysBetween, weekdayOf } from "../sequence/days";

export type CalendarView = "month" | "week";

interface WeekInfo {
  /** 1 Monday to 7 Sunday. */
  firstDay: number;
}

/** Where the browser cannot tell: the regions whose weeks do not begin on a Monday. */
const sundayFirst = new Set(["US", "CA", "MX", "BR", "CO", "PE", "VE", "JP", "KR", "TW", "HK", "IN", "ID", "PH", "TH", "IL", "ZA", "KE"]);
const saturdayFirst = new Set(["AE", "EG", "SA", "QA", "KW", "OM", "BH", "JO", "IQ", "DZ", "LY", "SD", "SY", "IR", "AF"]);

function fromRegion(locale: Intl.Locale): number {
  const region = locale.maximize().region ?? "";
  if (sundayFirst.has(region)) return 7;
  return saturdayFirst.has(region) ? 6 : 1;
}

/** On which day weeks begin where this language is spoken: 0 is Monday, 6 Sunday. */
export function firstDayOfWeek(language: string = navigator.language): number {
  const locale = new Intl.Locale(language) as Intl.Locale & { getWeekInfo?: () => WeekInfo; weekInfo?: WeekInfo };
  const info = locale.getWeekInfo?.() ?? locale.weekInfo;
  return (info?.firstDay ?? fromRegion(locale)) - 1;
}

export const weekOf = (date: string, firstDay: number): string[] => {
  const start = dateAfter(date, -((weekdayOf(date) - firstDay + 7) % 7));
  return Array.from({ length: 7 }, (_, day) => dateAfter(start, day));
};

const monthOf = (date: string): string => date.slice(0, 7);
const firstOf = (date: string): string => `${monthOf(date)}-01`;

function monthLater(date: string, months: number): string {
  const [year = 0, month = 1] = date.split("-").map(Number);
  return new Date(Date.UTC(year, month - 1 + months, 1)).toISOString().slice(0, 10);
}

/** The weeks that a day of the month is in. */
export function weeksOfMonth(date: string, firstDay: number): string[][] {
  const weeks: string[][] = [];
  let week = weekOf(firstOf(date), firstDay);
  while ((week[0] ?? "") < monthLater(date, 1)) {
    weeks.push(week);
    week = weekOf(dateAfter(week[0] ?? date, 7), firstDay);
  }
  return weeks;
}

export const weeksOfView = (view: CalendarView, date: string, firstDay: number): string[][] =>
  view === "month" ? weeksOfMonth(date, firstDay) : [weekOf(date, firstDay)];

export const isOfMonth = (day: string, date: string): boolean => monthOf(day) === monthOf(date);

/** The same view, so many months or weeks later. */
export const turned = (view: CalendarView, date: string, by: number): string => (view === "month" ? monthLater(date, by) : dateAfter(date, 7 * by));

const inWords = (date: string, options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));

/** "November 2026", or "30 Nov to 6 Dec 2026" */
export function viewTitle(view: CalendarView, date: string, firstDay: number): string {
  if (view === "month") return inWords(date, { month: "long", year: "numeric" });
  const week = weekOf(date, firstDay);
  const [first = date, last = date] = [week[0], week[6]];
  const dayAndMonth = (day: string) => `${inWords(day, { day: "numeric" })} ${inWords(day, { month: "short" }).slice(0, 3)}`;
  const begins = first.slice(0, 4) === last.slice(0, 4) ? dayAndMonth(first) : `${dayAndMonth(first)} ${first.slice(0, 4)}`;
  return `${begins} to ${dayAndMonth(last)} ${last.slice(0, 4)}`;
}

/** The days from the first to the last, both included. */
export const daysFrom = (first: string, last: string): string[] => Array.from({ length: daysBetween(first, last) + 1 }, (_, day) => dateAfter(first, day));

const isDate = (value: unknown): value is string => typeof value === "string" && /^\d{4}-\d{2}-\d{2}$/.test(value);

/** A date that there is, of an address that anybody may have written. */
export const dateIn = (value: unknown): string | undefined =>
  isDate(value) && !Number.isNaN(Date.parse(`${value}T00:00:00Z`)) && dateAfter(value, 0) === value ? value : undefined;
