import { expect, test } from "vitest";
import { askedFor, goneIn, isPeople, peopleOf, titleOf } from "./people";
import type { Group } from "@/api/types";

const texas = { field: "metadata.state", operator: "is", value: "TX" };
const hot = { field: "metadata.tags", operator: "has_any_of", value: ["hot lead"] };
const filter: Group = { match: "all", conditions: [texas, hot] };

test("only lists that exist are read from an address", () => {
  expect(["matched", "opted_out", "email.no_email", "step.12.lost", "everyone"].every(isPeople)).toBe(true);
  expect(["", "email.no_phone", "step.x.lost", "step.1.up", 7].some(isPeople)).toBe(false);
});

test("who is left after a condition meets those before it and this one; who was lost does not meet this one", () => {
  expect(askedFor("step.1.left", filter)).toEqual({ filter });
  expect(askedFor("step.0.left", filter)).toEqual({ filter: { match: "all", conditions: [texas] } });
  expect(askedFor("step.1.lost", filter)).toEqual({
    filter: { match: "all", conditions: [texas, { match: "none", conditions: [hot] }] },
  });
});

test("a filter of which any condition is enough is one step", () => {
  const any: Group = { match: "any", conditions: [texas, hot] };
  expect(askedFor("step.0.lost", any)).toEqual({ filter: { match: "all", conditions: [{ match: "none", conditions: [any] }] } });
});

test("the same reason is told for each channel", () => {
  expect(askedFor("opted_out", filter)).toEqual({ filter, left_out: "opted_out" });
  expect(askedFor("email.opted_out", filter)).toEqual({ filter, channel: "email", left_out: "opted_out" });
  expect([titleOf("no_phone"), titleOf("email.no_email"), titleOf("step.0.lost")]).toEqual(["No phone number", "No email address", "Not in"]);
});

test("a reason of an email opens its own list, and so does the way people left", () => {
  expect([peopleOf("opted_out"), peopleOf("opted_out", "email"), peopleOf("no_email")]).toEqual(["opted_out", "email.opted_out", "email.no_email"]);
  expect([isPeople("gone.replied"), isPeople("gone.bored"), isPeople("by_channel")]).toEqual([true, false, true]);
  expect([titleOf("gone.goal"), goneIn("gone.goal"), goneIn("matched")]).toEqual(["Left because they got to the goal", "goal", null]);
});
