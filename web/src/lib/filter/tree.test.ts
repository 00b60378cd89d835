import { describe, expect, test } from "vitest";
import type { Group, Operator } from "@/api/types";
import {
  carriedOver, edit, fieldsUsed, fromFilter, isFinished, isSameFilter, newCondition, newGroup, placeAt, placeOf, toFilter,
  type GroupNode,
} from "./tree";

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

  test("a condition is added to the group that was meant, however deep", () => {
    const inner = newGroup("any");
    const tree = newGroup("all", [newGroup("none", [inner])]);
    const added = edit(tree, { do: "add", group: inner.id, node: newCondition("email", "is_empty") });
    expect(toFilter(added, kindOf).filter.conditions).toEqual([
      { match: "none", conditions: [{ match: "any", conditions: [{ field: "email", operator: "is_empty" }] }] },
    ]);
  });

  test("editing leaves the tree before it as it was, so that it can be undone", () => {
    const tree = fromFilter(filter);
    const before = JSON.stringify(tree);
    edit(tree, { do: "remove", node: tree.parts[0]?.id ?? "" });
    expect(JSON.stringify(tree)).toBe(before);
  });

  test("a removed condition comes back to its place", () => {
    const tree = fromFilter(filter);
    const id = tree.parts[0]?.id ?? "";
    const removed = placeOf(tree, id);
    const without = edit(tree, { do: "remove", node: id });
    expect(without.parts).toHaveLength(1);
    if (removed === null) throw new Error("not found");
    expect(edit(without, { do: "restore", removed })).toEqual(tree);
  });

  test("a removed condition whose group is gone comes back at the outermost level", () => {
    const condition = newCondition("email", "is_empty");
    const group = newGroup("any", [condition]);
    const tree = newGroup("all", [group]);
    const removed = placeOf(tree, condition.id);
    if (removed === null) throw new Error("not found");
    const empty = edit(edit(tree, { do: "remove", node: condition.id }), { do: "remove", node: group.id });
    expect(edit(empty, { do: "restore", removed }).parts).toEqual([condition]);
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
