import { expect, test } from "vitest";
import { narrowed } from "./audience";

test("the server narrows a list of people", () => {
  expect(narrowed("matched")).toEqual({});
  expect(narrowed("reachable")).toEqual({ reachable: true });
  expect(narrowed("opted_out")).toEqual({ left_out: "opted_out" });
  expect(narrowed("email.reachable")).toEqual({ channel: "email", reachable: true });
  expect(narrowed("email.opted_out")).toEqual({ channel: "email", left_out: "opted_out" });
  expect(narrowed("gone.opted_out")).toEqual({ left_reason: "opted_out" });
});
