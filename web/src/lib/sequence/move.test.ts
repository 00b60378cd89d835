import { expect, test } from "vitest";
import type { StepTime } from "./days";
import { toDay, toPlace } from "./move";

const day = (id: string, number: number, time = "09:00"): StepTime & { id: string } => ({
  id, send_mode: "later", scheduled_for: null, day_number: number, day_time: time, time_zone: "UTC",
});
const first: StepTime & { id: string } = { id: "a", send_mode: "later", scheduled_for: "2026-11-27T10:00:00", day_number: null, day_time: null, time_zone: "UTC" };
const dayOne = "2026-11-27";
const steps = [first, day("b", 3), day("c", 5), day("d", 8)];

test("a step that changes its place takes the time of the place", () => {
  expect(toPlace(steps, "d", 1)).toEqual({ order: ["a", "d", "b", "c"], times: [] });
});

test("a step on another day keeps its hour, and without another order nobody else changes", () => {
  expect(toDay(steps, "c", 6, dayOne)).toEqual({
    order: ["a", "b", "c", "d"],
    times: [{ id: "c", edits: { send_mode: "later", scheduled_for: null, day_number: 6, day_time: "09:00" } }],
  });
});

test("one that passes others changes the order, and each of the others keeps its own day", () => {
  const move = toDay(steps, "d", 2, dayOne);
  expect(move?.order).toEqual(["a", "d", "b", "c"]);
  expect(move?.times.map(({ id, edits }) => [id, edits.day_number])).toEqual([["d", 2], ["b", 3], ["c", 5]]);
});

test("on a day on which something goes out already the hour decides", () => {
  expect(toDay([first, day("b", 3, "12:00"), day("c", 5, "08:30")], "c", 3, dayOne)?.order).toEqual(["a", "c", "b"]);
  expect(toDay([first, day("b", 3, "08:00"), day("c", 5, "08:30")], "c", 3, dayOne)?.order).toEqual(["a", "b", "c"]);
});

test("a step with a date of its own goes on to a day of the sequence", () => {
  const dated = { ...first, id: "b", scheduled_for: "2026-11-30T16:15:00" };
  expect(toDay([first, dated], "b", 2, dayOne)?.times).toEqual([
    { id: "b", edits: { send_mode: "later", scheduled_for: null, day_number: 2, day_time: "16:15" } },
  ]);
});

test("the first step is what the days count from, and none comes before it", () => {
  expect(toDay(steps, "a", 4, dayOne)).toBeNull();
  expect(toDay(steps, "b", 0, dayOne)).toBeNull();
  expect(toDay(steps, "b", 1, dayOne)?.order).toEqual(["a", "b", "c", "d"]);
});

test("on its own day it stays as it is", () => {
  expect(toDay(steps, "c", 5, dayOne)).toEqual({ order: ["a", "b", "c", "d"], times: [] });
});
