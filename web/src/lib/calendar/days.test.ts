import { afterEach, expect, test, vi } from "vitest";
import { dateIn, daysFrom, firstDayOfWeek, turned, viewTitle, weekOf, weeksOfMonth } from "./days";

const SUNDAY = 6;
const MONDAY = 0;

afterEach(() => vi.restoreAllMocks());

test("weeks begin as the language has it", () => {
  expect([firstDayOfWeek("en-US"), firstDayOfWeek("en-GB"), firstDayOfWeek("de"), firstDayOfWeek("ar-EG")]).toEqual([6, 0, 0, 5]);
});

test("a browser that does not know goes by the region", () => {
  const known = Intl.Locale.prototype as { getWeekInfo?: unknown };
  const before = Object.getOwnPropertyDescriptor(known, "getWeekInfo");
  const info = Object.getOwnPropertyDescriptor(known, "weekInfo");
  delete known.getWeekInfo;
  if (info !== undefined) Object.defineProperty(known, "weekInfo", { configurable: true, get: () => undefined });
  try {
    expect([firstDayOfWeek("en-US"), firstDayOfWeek("fr-FR"), firstDayOfWeek("ar-SA"), firstDayOfWeek("en")]).toEqual([6, 0, 5, 6]);
  } finally {
    if (before !== undefined) Object.defineProperty(known, "getWeekInfo", before);
    if (info !== undefined) Object.defineProperty(known, "weekInfo", info);
  }
});

test("a week holds its day, whichever day begins it", () => {
  // 29 November 2026 is a Sunday.
  expect(weekOf("2026-11-29", SUNDAY)[0]).toBe("2026-11-29");
  expect(weekOf("2026-11-29", MONDAY)).toEqual(daysFrom("2026-11-23", "2026-11-29"));
  expect(weekOf("2026-11-30", MONDAY)[0]).toBe("2026-11-30");
});

test("a month is shown in whole weeks, and never in more than six", () => {
  const december = weeksOfMonth("2026-12-17", SUNDAY);
  expect([december[0]?.[0], december.at(-1)?.[6], december.length]).toEqual(["2026-11-29", "2027-01-02", 5]);
  // February 2027 begins on a Monday and has four weeks.
  expect(weeksOfMonth("2027-02-10", MONDAY)).toHaveLength(4);
  expect(weeksOfMonth("2026-08-31", MONDAY)).toHaveLength(6);
});

test("months and weeks are turned over the ends of years", () => {
  expect(turned("month", "2026-12-31", 1)).toBe("2027-01-01");
  expect(turned("month", "2026-03-31", -1)).toBe("2026-02-01");
  expect(turned("week", "2026-12-30", 1)).toBe("2027-01-06");
});

test("the title says the month or the week", () => {
  expect(viewTitle("month", "2026-12-17", SUNDAY)).toBe("December 2026");
  expect(viewTitle("week", "2026-12-01", MONDAY)).toBe("30 Nov to 6 Dec 2026");
  expect(viewTitle("week", "2027-01-01", MONDAY)).toBe("28 Dec 2026 to 3 Jan 2027");
});

test("only a date that there is is taken from an address", () => {
  expect(dateIn("2026-12-01")).toBe("2026-12-01");
  for (const wrong of ["2026-02-30", "2026-13-01", "1 Dec", 20261201, undefined]) expect(dateIn(wrong)).toBeUndefined();
});
