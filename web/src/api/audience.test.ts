import { expect, test } from "vitest";
import { narrowed } from "./audience";

test("the server narrows a list of people", () => {
  expect(narrowed("matched")).toEqual({});
  expect(narrowed("reachable")).toEqual({ reachable: true });
  expect(narrowed("opted_out")).toEqual({ left_out: "opted_out" });
});
