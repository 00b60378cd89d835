import { expect, test } from "vitest";
import { aBroadcast } from "@/testDraft";
import { sequenceLines } from "./rules";

const two = [...aBroadcast.steps, ...aBroadcast.steps];

test("of one SMS nothing is said", () => {
  expect(sequenceLines(aBroadcast, null)).toEqual([]);
});

test("of one email it is said what is tracked", () => {
  expect(sequenceLines({ ...aBroadcast, broadcast_type: "email", track_clicks: false }, null)).toEqual(["Of emails opens are tracked"]);
  expect(sequenceLines({ ...aBroadcast, broadcast_type: "email", track_clicks: false, track_opens: false }, null)).toEqual(["Neither opens nor clicks are tracked"]);
});

test("of a sequence it is said who leaves it", () => {
  const goal = { match: "all" as const, conditions: [] };
  expect(sequenceLines({ ...aBroadcast, steps: two, goal }, "State is TX")).toEqual([
    "Who replies leaves the sequence", "The goal: State is TX. Who meets it leaves the sequence",
  ]);
  expect(sequenceLines({ ...aBroadcast, steps: two, leave_on_reply: false }, null)).toEqual(["Who replies gets the later steps, too"]);
});
