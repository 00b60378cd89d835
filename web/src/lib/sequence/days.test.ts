import { expect, test } from "vitest";
import { byDay, dateAfter, daysBetween, firstDate, weekdayOf, weeksOf, whenOf, type StepTime } from "./days";

const step = (over: Partial<StepTime>): StepTime => ({ send_mode: "later", scheduled_for: null, day_number: null, day_time: null, time_zone: "America/Chicago", ...over });

test("dates are counted over the ends of months and years", () => {
  expect(dateAfter("2026-12-30", 3)).toBe("2027-01-02");
  expect(daysBetween("2026-11-27", "2026-12-01")).toBe(4);
  expect(weekdayOf("2026-11-23")).toBe(0);
  expect(weekdayOf("2026-11-29")).toBe(6);
});

test("day 1 is the date of the first step, or today on its clock when it is sent at once", () => {
  const lateInUtc = new Date("2026-11-24T03:00:00Z");
  expect(firstDate([step({ scheduled_for: "2026-11-27T09:00:00" })], lateInUtc)).toBe("2026-11-27");
  expect(firstDate([step({ send_mode: "now" })], lateInUtc)).toBe("2026-11-23");
  expect(firstDate([step({ send_mode: "now" })], lateInUtc, "2026-11-20T15:00:00Z")).toBe("2026-11-20");
  expect(firstDate([step({})], lateInUtc)).toBeNull();
});

test("a step is on its day, or on that of its date", () => {
  expect(whenOf(step({ day_number: 3, day_time: "09:00" }), "2026-11-27")).toEqual({ day: 3, date: "2026-11-29", time: "09:00" });
  expect(whenOf(step({ day_number: 3, day_time: "09:00" }), null)).toEqual({ day: 3, date: null, time: "09:00" });
  expect(whenOf(step({ scheduled_for: "2026-12-01T16:30:00" }), "2026-11-27")).toEqual({ day: 5, date: "2026-12-01", time: "16:30" });
  expect(whenOf(step({ send_mode: "now" }), "2026-11-27")).toEqual({ day: 1, date: "2026-11-27", time: null });
  expect(whenOf(step({}), "2026-11-27").day).toBeNull();
});

test("steps of one day stand together", () => {
  const days = byDay([step({ send_mode: "now" }), step({ day_number: 1, day_time: "20:00" }), step({ day_number: 4, day_time: "09:00" })], "2026-11-27");
  expect(days.map(({ day, steps }) => [day, steps.length])).toEqual([[1, 2], [4, 1]]);
});

test("the weeks go on to the one after the last, and long stretches of nothing are left out", () => {
  const near = weeksOf(["2026-11-27", "2026-12-01"]);
  expect(near.map(({ dates }) => dates[0])).toEqual(["2026-11-23", "2026-11-30", "2026-12-07"]);
  const far = weeksOf(["2026-11-27", "2027-03-01"]);
  expect(far.map(({ dates, skipped }) => [dates[0], skipped])).toEqual([
    ["2026-11-23", 0], ["2026-11-30", 0], ["2027-02-22", 11], ["2027-03-01", 0], ["2027-03-08", 0],
  ]);
  expect(weeksOf([])).toEqual([]);
});
