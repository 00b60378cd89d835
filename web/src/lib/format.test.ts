import { expect, test } from "vitest";
import { about, clock, count, countOf, day, dayAndTime, money, rate, share, soon, until } from "./format";

const now = new Date("2026-11-23T12:00:00Z");

test("counts have separators and the right word", () => {
  expect(count(1234567)).toBe("1,234,567");
  expect(countOf(1, "segment")).toBe("1 segment");
  expect(countOf(12408, "segment")).toBe("12,408 segments");
});

test("money keeps cents, and the small fractions of a single SMS", () => {
  expect(money({ amount: "98.40", currency: "USD" })).toBe("$98.40");
  expect(money({ amount: "12345.6789", currency: "USD" })).toBe("$12,345.68");
  expect(money({ amount: "0.0079", currency: "USD" })).toBe("$0.0079");
  expect(money({ amount: "0", currency: "EUR" })).toBe("€0.00");
  expect(about("$98.40", false)).toBe("about $98.40");
});

test("a share never claims to be complete before it is", () => {
  expect(share(99_999, 100_000)).toBe("99.9%");
  expect(share(100_000, 100_000)).toBe("100%");
  expect(share(1, 100_000)).toBe("< 0.1%");
  expect(share(0, 0)).toBe("0%");
  expect(share(1, 3)).toBe("33%");
});

test("times are short, in the zone that is asked for", () => {
  expect(clock("2026-11-24T15:00:00Z", "America/Chicago")).toBe("9:00");
  expect(clock("2026-11-24T00:05:00Z", "UTC")).toBe("0:05");
  expect(dayAndTime("2026-11-24T15:00:00Z", "America/Chicago", now)).toBe("Tue 24 Nov 9:00");
});

test("the year is said when it is another one", () => {
  expect(day("2027-01-04T09:00:00Z", "UTC", now)).toBe("Mon 4 Jan 2027");
});

test("what happens today needs no date", () => {
  expect(soon("2026-11-23T14:32:00Z", "UTC", now)).toBe("14:32");
  expect(soon("2026-11-24T14:32:00Z", "UTC", now)).toBe("Tue 24 Nov 14:32");
});

test("what is to come says its day, with the date when that day is not the next of its name", () => {
  expect(until("2026-11-23T13:23:00Z", "UTC", now)).toBe("13:23");
  expect(until("2026-11-24T09:12:00Z", "UTC", now)).toBe("Tue 9:12");
  expect(until("2026-11-29T23:59:00Z", "UTC", now)).toBe("Sun 23:59");
  expect(until("2026-11-30T09:12:00Z", "UTC", now)).toBe("Mon 30 Nov 9:12");
  expect(until("2026-11-22T09:12:00Z", "UTC", now)).toBe("Sun 22 Nov 9:12");
});

test("today ends where the clock stands", () => {
  expect(until("2026-11-24T03:00:00Z", "America/Chicago", now)).toBe("21:00");
  expect(until("2026-11-23T16:00:00Z", "Asia/Tokyo", now)).toBe("Tue 1:00");
});

test("a slow rate is told per minute", () => {
  expect(rate(96.4)).toBe("96 per second");
  expect(rate(2.5)).toBe("2.5 per second");
  expect(rate(0.2)).toBe("12 per minute");
});
