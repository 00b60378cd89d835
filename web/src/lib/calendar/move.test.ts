import { expect, test } from "vitest";
import { editsBack, editsFor, inHour, localAt, nearWord, onDay, wallSaid, whyNot } from "./move";

const dated = { scheduled_for: "2026-12-01T09:30:00", day_number: null, day_time: null, counts_from: "2026-12-01", position: 1 };
const counted = { scheduled_for: null, day_number: 3, day_time: "09:30", counts_from: "2026-12-01", position: 2 };

test("to another day it keeps its time, to another hour its minutes", () => {
  expect(onDay("2026-12-01T09:30:00", "2026-12-24")).toBe("2026-12-24T09:30:00");
  expect(inHour("2026-12-01T09:30:00", "2026-12-24", 7)).toBe("2026-12-24T07:30:00");
});

test("on a clock of its own it moves by as much as on the calendar", () => {
  // 9:30 in Berlin is 2:30 in Chicago.
  const step = { local: "2026-12-01T09:30:00", shown: "2026-12-01T02:30:00" };
  expect(localAt(step, "2026-12-03T02:30:00")).toBe("2026-12-03T09:30:00");
  expect(localAt(step, "2026-11-30T22:30:00")).toBe("2026-12-01T05:30:00");
});

test("a date stays a date, and a step that counts its days goes on counting", () => {
  expect(editsFor(dated, "2026-12-04T10:00:00")).toEqual({ scheduled_for: "2026-12-04T10:00:00" });
  expect(editsFor(counted, "2026-12-04T10:00:00")).toEqual({ day_number: 4, day_time: "10:00" });
  expect(editsBack(dated)).toEqual({ scheduled_for: "2026-12-01T09:30:00" });
  expect(editsBack(counted)).toEqual({ day_number: 3, day_time: "09:30" });
});

test("no step that counts its days is before the day from which they count", () => {
  expect(whyNot(counted, "2026-12-01T00:00:00")).toBeNull();
  expect(whyNot(counted, "2026-11-30T23:30:00")).toMatch(/^Step 2 counts from the first step, which is on Tue 1 Dec/);
  expect(whyNot(counted, "2029-12-01T09:00:00")).toMatch(/^Days go up to 730/);
  expect(whyNot(dated, "2026-11-30T23:30:00")).toBeNull();
});

test("times are said as everywhere", () => {
  expect(wallSaid("2026-12-01T09:30:00", new Date("2026-11-24T00:00:00Z"))).toBe("Tue 1 Dec 9:30");
  expect([nearWord("2026-12-01", "2026-12-01"), nearWord("2026-12-02", "2026-12-01"), nearWord("2026-12-03", "2026-12-01")]).toEqual(["Today", "Tomorrow", null]);
});
