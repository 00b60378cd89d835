import { expect, test } from "vitest";
import { daysFrom } from "@/lib/calendar/days";
import { cellId, nextCell, type Grid } from "./dragging";

const dates = daysFrom("2026-11-29", "2027-01-02");

test("in a month left and right are days, up and down are weeks", () => {
  const grid: Omit<Grid, "hasLeft"> = { dates, hours: null, at: { date: "2026-12-09", hour: null } };
  const to = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((code) => nextCell(grid, code)?.date);
  expect(to).toEqual(["2026-12-08", "2026-12-10", "2026-12-02", "2026-12-16"]);
  expect(nextCell(grid, "Tab")).toBeUndefined();
});

test("in a week up and down are hours", () => {
  const grid: Omit<Grid, "hasLeft"> = { dates: dates.slice(0, 7), hours: [8, 9, 10], at: { date: "2026-11-29", hour: 9 } };
  const to = ["ArrowLeft", "ArrowRight", "ArrowUp", "ArrowDown"].map((code) => nextCell(grid, code));
  expect(to.map((cell) => cell && cellId(cell))).toEqual(["2026-11-29 9", "2026-11-30 9", "2026-11-29 8", "2026-11-29 10"]);
  expect(nextCell({ ...grid, at: { date: "2026-11-29", hour: 10 } }, "ArrowDown")).toEqual({ date: "2026-11-29", hour: 10 });
});
