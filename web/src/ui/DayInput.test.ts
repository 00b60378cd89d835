import { expect, test } from "vitest";
import { readDay } from "./DayInput";

test.each([
  ["2026-11-24", "2026-11-24"],
  ["24 Nov 2026", "2026-11-24"],
  ["Tue 24 Nov 2026", "2026-11-24"],
  ["Nov 24, 2026", "2026-11-24"],
  ["24.11.2026", "2026-11-24"],
])("%s is understood", (typed, day) => {
  expect(readDay(typed)).toBe(day);
});

test("what is no day is none", () => {
  expect(readDay("tomorrowish")).toBeNull();
  expect(readDay("2026-13-40")).toBeNull();
});
