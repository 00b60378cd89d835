import { describe, expect, test } from "vitest";
import type { Group, Operator } from "@/api/types";
import { carriedOver, faultsAt, fieldsUsed, fromFilter, isFinished, isSameFilter, placeAt, readAs, toFilter } from "./document";
import { newCondition, newGroup, type GroupNode } from "./tree";

const kinds: Record<string, Operator["value"]> = { is: "one", is_one_of: "many", between: "range", is_empty: "none", in_last_days: "days" };
const kindOf = (operator: string) => kinds[operator];

const filter: Group = {
  match: "all",
  conditions: [
    { field: "metadata.state", operator: "is", value: "TX" },
    { match: "any", conditions: [{ field: "metadata.tags", operator: "is_one_of", value: ["vip"] }, { field: "email", operator: "is_empty" }] },
  ],
};

describe("a filter while it is edited", () => {
  test("goes to the screen and back unchanged", () => {
    expect(toFilter(fromFilter(filter), kindOf).filter).toEqual(filter);
  });
});

describe("what is sent", () => {
  test("unfinished conditions, and groups with nothing else, are left out", () => {
    const tree = newGroup("all", [newCondition("email", "is"), newCondition("city", "is", "Austin"), newGroup("any", [newCondition("age", "between", [1, null])])]);
    expect(toFilter(tree, kindOf).filter.conditions).toEqual([{ field: "city", operator: "is", value: "Austin" }]);
  });

  test("a pointer of the answer finds the part on the screen although unfinished ones were left out", () => {
    const wrong = newCondition("age", "is", "old");
    const tree: GroupNode = newGroup("all", [newCondition("email", "is"), newGroup("any", [wrong])]);
    const { places } = toFilter(tree, kindOf);
    expect(placeAt(places, "/filter/conditions/0/conditions/0/value")).toBe(wrong.id);
    expect(placeAt(places, "/filter")).toBe(tree.id);
    expect(placeAt(places, "/name")).toBeUndefined();
  });

  test.each([
    ["one", "", false], ["one", "  ", false], ["one", 0, true], ["one", false, true], ["many", [], false], ["many", ["a"], true],
    ["range", [1, null], false], ["range", [0, 5], true], ["days", 0, true], ["days", undefined, false], ["none", undefined, true],
  ] as const)("a value of kind %s: %j is finished: %s", (kind, value, isDone) => {
    expect(isFinished(value, kind)).toBe(isDone);
  });
});

test("a server that writes nulls and another order of keys means the same filter", () => {
  const written = JSON.parse('{"conditions":[{"value":null,"operator":"is_empty","field":"email"}],"match":"all"}') as Group;
  expect(isSameFilter(written, { match: "all", conditions: [{ field: "email", operator: "is_empty" }] })).toBe(true);
  expect(isSameFilter(written, { match: "any", conditions: [{ field: "email", operator: "is_empty" }] })).toBe(false);
});

test("another operator keeps what it can of the value", () => {
  expect(carriedOver("TX", "one", "many")).toEqual(["TX"]);
  expect(carriedOver(["TX", "CA"], "many", "one")).toBe("TX");
  expect(carriedOver("TX", "one", "none")).toBeUndefined();
  expect(carriedOver("TX", "one", "one")).toBe("TX");
});

test("the fields of a filter are named once each", () => {
  expect(fieldsUsed({ match: "any", conditions: [filter, ...filter.conditions] })).toEqual(["metadata.state", "metadata.tags", "email"]);
});

test("what was sent to a contact is no field of it", () => {
  expect(fieldsUsed({ match: "all", conditions: [{ field: "@sent", operator: "ever" }, { field: "email", operator: "is_empty" }] })).toEqual(["email"]);
});

test("several faults of one condition are all said at it, a repeated one once", () => {
  const wrong = newCondition("age", "between", ["x", "y"]);
  const { places } = toFilter(newGroup("all", [wrong]), () => "range");
  const at = (end: string) => `/filter/conditions/0/value${end}`;
  const said = faultsAt(places, [
    { pointer: at("/0"), detail: "This is no number." },
    { pointer: at("/1"), detail: "This is no number." },
    { pointer: at(""), detail: "The first must be less." },
    { pointer: "/name", detail: "Too long." },
  ]);
  expect([...said]).toEqual([[wrong.id, "This is no number. The first must be less."]]);
});

test("text that is read as a number keeps what is one", () => {
  expect(readAs("50", "number")).toBe(50);
  expect(readAs("TX", "number")).toBeUndefined();
  expect(readAs(["1", "x"], "number")).toEqual([1]);
  expect(readAs(50, "text")).toBe("50");
  expect(readAs(undefined, "number")).toBeUndefined();
});
