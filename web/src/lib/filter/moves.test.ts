import { describe, expect, test } from "vitest";
import { edit, type FilterAction } from "./edit";
import { canHold, stepTo, type Step } from "./moves";
import { DEEPEST, conditionsOf, depthOf, groupsOf, heightOf, newCondition, newGroup, placeOf, type FilterNode, type GroupNode } from "./tree";
import { randomAction, randomTree, seeded } from "./testTrees";

const one = newCondition("one", "is", 1);
const two = newCondition("two", "is", 2);
const three = newCondition("three", "is", 3);
const inner = newGroup("any", [two, three]);
const tree = newGroup("all", [inner, one]);

/** "all(any(two three) one)" */
const drawn = (node: FilterNode): string => (node.kind === "condition" ? node.field : `${node.match}(${node.parts.map(drawn).join(" ")})`);
const after = (action: FilterAction, from = tree) => drawn(edit(from, action));
const stepped = (node: FilterNode, step: Step, from = tree) => {
  const to = stepTo(from, node.id, step);
  return to === null ? null : after({ do: "move", node: node.id, to }, from);
};

describe("by keyboard", () => {
  test("up and down stay within the group", () => {
    expect(stepped(three, "up")).toBe("all(any(three two) one)");
    expect(stepped(two, "down")).toBe("all(any(three two) one)");
    expect(stepped(two, "up")).toBeNull();
    expect(stepped(three, "down")).toBeNull();
    expect(stepped(one, "up")).toBe("all(one any(two three))");
  });

  test("in is the end of the group above, and nowhere without one", () => {
    expect(stepped(one, "in")).toBe("all(any(two three one))");
    expect(stepped(inner, "in")).toBeNull();
    expect(stepped(three, "in")).toBeNull();
  });

  test("out is behind the group, and nowhere in the outermost one", () => {
    expect(stepped(two, "out")).toBe("all(any(three) two one)");
    expect(stepped(one, "out")).toBeNull();
  });

  test("the last condition takes its group along when it leaves", () => {
    const lonely = newGroup("all", [newGroup("any", [two]), one]);
    expect(stepped(two, "out", lonely)).toBe("all(two one)");
  });
});

describe("groups", () => {
  test("a new group means something else than the one around it", () => {
    expect(after({ do: "wrap", node: one.id })).toBe("all(any(two three) any(one))");
    expect(after({ do: "wrap", node: two.id })).toBe("all(any(all(two) three) one)");
  });

  test("two conditions become a group where the other one stood", () => {
    expect(after({ do: "group", node: one.id, with: two.id })).toBe("all(any(all(two one) three))");
    expect(after({ do: "group", node: two.id, with: one.id })).toBe("all(any(three) any(one two))");
  });

  test("a group taken apart leaves its parts in its place", () => {
    expect(after({ do: "unwrap", group: inner.id })).toBe("all(two three one)");
    expect(after({ do: "unwrap", group: tree.id })).toBe(drawn(tree));
  });

  test("wrapping and taking apart give the same filter again", () => {
    const wrapped = edit(tree, { do: "wrap", node: one.id });
    const group = placeOf(wrapped, one.id)?.group ?? "";
    expect(edit(wrapped, { do: "unwrap", group })).toEqual(tree);
  });

  test("nothing goes into itself, or deeper than the server reads", () => {
    expect(edit(tree, { do: "move", node: inner.id, to: { group: inner.id, index: 0 } })).toBe(tree);
    expect(edit(tree, { do: "group", node: inner.id, with: two.id })).toBe(tree);
    let deep: GroupNode = newGroup("all", [one]);
    for (let depth = 1; depth < DEEPEST; depth += 1) deep = newGroup("all", [deep]);
    const deepest = groupsOf(deep).at(-1);
    if (deepest === undefined) throw new Error("no group");
    expect(depthOf(deep, deepest.id)).toBe(DEEPEST);
    expect(canHold(deep, deepest.id, two)).toBe(true);
    expect(canHold(deep, deepest.id, newGroup())).toBe(false);
    expect(edit(deep, { do: "wrap", node: one.id })).toBe(deep);
  });
});

test("a copy stands behind its original, with ids of its own all the way down", () => {
  const copied = edit(tree, { do: "duplicate", node: inner.id });
  expect(drawn(copied)).toBe("all(any(two three) any(two three) one)");
  const ids = [...groupsOf(copied), ...conditionsOf(copied)].map(({ id }) => id);
  expect(new Set(ids).size).toBe(ids.length);
});

test("a removed part comes back to its place, or to the end when its group is gone", () => {
  const removed = placeOf(tree, two.id);
  if (removed === null) throw new Error("not found");
  const without = edit(tree, { do: "remove", node: two.id });
  expect(edit(without, { do: "restore", removed })).toEqual(tree);
  expect(after({ do: "restore", removed }, edit(without, { do: "remove", node: inner.id }))).toBe("all(one two)");
  expect(edit(tree, { do: "restore", removed })).toBe(tree);
});

test("whatever is moved, wrapped and grouped: no condition is lost, doubled or too deep, and the tree before stays as it was", () => {
  for (let seed = 1; seed <= 300; seed += 1) {
    const random = seeded(seed);
    let current = randomTree(random);
    const fields = conditionsOf(current).map(({ id }) => id).toSorted();
    for (let turn = 0; turn < 25; turn += 1) {
      const before = JSON.stringify(current);
      const next = edit(current, randomAction(random, current, ["move", "wrap", "unwrap", "group"]));
      expect(JSON.stringify(current)).toBe(before);
      expect(conditionsOf(next).map(({ id }) => id).toSorted()).toEqual(fields);
      expect(heightOf(next)).toBeLessThanOrEqual(DEEPEST);
      current = next;
    }
  }
});

test("every step of the keyboard that is offered changes the filter", () => {
  const steps: Step[] = ["up", "down", "in", "out"];
  for (let seed = 1; seed <= 100; seed += 1) {
    const random = seeded(seed);
    const some = randomTree(random);
    for (const node of [...conditionsOf(some), ...groupsOf(some)]) {
      for (const step of steps) {
        const to = stepTo(some, node.id, step);
        if (to !== null) expect(drawn(edit(some, { do: "move", node: node.id, to })) === drawn(some) && step !== "out").toBe(false);
      }
    }
  }
});
