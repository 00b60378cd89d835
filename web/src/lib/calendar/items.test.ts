import { expect, test } from "vitest";
import type { CalendarStep, CalendarWarning } from "@/api/types";
import { byDate, clockSaid, fullNameOf, hoursShown, isClosed, shortOf, warningsListed } from "./items";

const conflict = (...others: string[]): CalendarWarning => ({
  kind: "conflict",
  detail: "",
  more: 0,
  others: others.map((id) => ({ step_id: id, broadcast_id: id, broadcast_name: id, at: "", can_compare: false })),
});

const step = (over: Partial<CalendarStep>): CalendarStep =>
  ({ step_id: "a", broadcast_name: "Spring", steps: 1, position: 1, step_name: "", shown: "2026-12-01T09:00:00", local: "2026-12-01T09:00:00", time_zone: "America/Chicago", in_their_zones: false, warnings: [], ...over }) as CalendarStep;

test("a step is named by its place where there are several", () => {
  expect(fullNameOf(step({}))).toBe("Spring");
  expect(fullNameOf(step({ steps: 3, position: 2 }))).toBe("Spring, Step 2");
  expect(fullNameOf(step({ steps: 3, position: 2, step_name: "Reminder", broadcast_name: "" }))).toBe("Untitled broadcast, Step 2, Reminder");
});

test("another clock than the account's is said", () => {
  expect(clockSaid(step({}), "America/Chicago")).toBeNull();
  expect(clockSaid(step({ time_zone: "Europe/Berlin", local: "2026-12-01T16:00:00" }), "America/Chicago")).toBe("16:00 in Europe/Berlin");
  expect(clockSaid(step({ in_their_zones: true }), "America/Chicago")).toBe("each recipient’s clock");
});

test("of two that conflict one tells, and of three each that says something new", () => {
  const [a, b, c] = [step({ step_id: "a" }), step({ step_id: "b" }), step({ step_id: "c" })];
  const told = warningsListed([
    { ...a, warnings: [conflict("b", "c")] },
    { ...b, warnings: [conflict("a", "c")] },
    { ...c, warnings: [conflict("a", "b"), { ...conflict(), kind: "passed" }] },
  ]);
  expect(told.map(({ step: of, warning }) => [of.step_id, warning.kind])).toEqual([["a", "conflict"], ["b", "conflict"], ["c", "passed"]]);
  expect(shortOf({ ...conflict("a", "b"), more: 3 })).toBe("5 conflicts");
  expect(shortOf({ ...conflict(), kind: "sending_hours" })).toBe("Outside sending hours");
});

test("a week shows the hours of the day and those that are needed", () => {
  const night = [step({ shown: "2026-12-01T05:30:00" }), step({ shown: "2026-12-01T23:00:00" })];
  expect(hoursShown([], "08:00", "21:00", false)).toEqual([8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21]);
  expect([hoursShown(night, "08:00", "21:00", false)[0], hoursShown(night, null, null, false).at(-1)]).toEqual([5, 23]);
  expect(hoursShown([], "08:00", "21:00", true)).toHaveLength(24);
});

test("an hour is closed when no minute of it is within the sending hours", () => {
  expect([7, 8, 20, 21].map((hour) => isClosed(hour, "08:00", "21:00"))).toEqual([true, false, false, true]);
  expect([8, 20].map((hour) => isClosed(hour, "08:30", "20:30"))).toEqual([false, false]);
  expect(isClosed(3, null, null)).toBe(false);
});

test("steps stand together by their date", () => {
  const days = byDate([step({ step_id: "a" }), step({ step_id: "b", shown: "2026-12-02T00:00:00" }), step({ step_id: "c" })]);
  expect([...days].map(([date, steps]) => [date, steps.map(({ step_id: id }) => id)])).toEqual([["2026-12-01", ["a", "c"]], ["2026-12-02", ["b"]]]);
});
