import { describe, expect, test } from "vitest";
import type { FilterAction } from "./edit";
import { history, redoable, startHistory, undoable, type History } from "./history";
import { randomAction, randomTree, seeded } from "./testTrees";
import { newCondition, newGroup, placeOf } from "./tree";

const state = newCondition("state", "is");
const tags = newCondition("tags", "has_any_of", ["vip"]);
const start = startHistory(newGroup("all", [state, tags]));

const at = (from: History, action: FilterAction, now = 0) => history(from, { ...action, at: now });
const typed = (from: History, value: string, now: number, condition = state.id) =>
  at(from, { do: "change", condition, to: { value }, isTyped: true }, now);
const undo = (from: History) => history(from, { do: "undo" });
const redo = (from: History) => history(from, { do: "redo" });

describe("typing", () => {
  test("is undone as a whole", () => {
    const done = typed(typed(typed(start, "T", 0), "TX", 200), "TXA", 400);
    expect(done.past).toHaveLength(1);
    expect(undo(done).present).toEqual(start.present);
  });

  test("after a pause, or in another condition, is an edit of its own", () => {
    expect(typed(typed(start, "T", 0), "TX", 2_000).past).toHaveLength(2);
    expect(typed(typed(start, "T", 0), "x", 100, tags.id).past).toHaveLength(2);
  });

  test("after an undo does not go on with what was undone", () => {
    const undone = undo(typed(typed(start, "T", 0), "T2", 5_000));
    const again = typed(undone, "TY", 5_100);
    expect(undo(again).present).toEqual(undone.present);
  });

  test("a chosen value is an edit of its own", () => {
    const chosen = (value: string, from: History) => at(from, { do: "change", condition: tags.id, to: { value: [value] } });
    expect(chosen("b", chosen("a", start)).past).toHaveLength(2);
  });
});

test("an edit that changes nothing is no entry, and keeps what can be done again", () => {
  const undone = undo(at(start, { do: "remove", node: state.id }));
  expect(at(undone, { do: "match", group: undone.present.id, match: "all" })).toBe(undone);
  expect(redoable(undone)).toBe("Remove");
});

test("a new edit forgets what was undone", () => {
  const undone = undo(at(start, { do: "remove", node: state.id }));
  expect(redoable(at(undone, { do: "remove", node: tags.id }))).toBeUndefined();
});

test("nothing to undo, nothing to redo", () => {
  expect(undo(start)).toBe(start);
  expect(redo(start)).toBe(start);
  expect([undoable(start), redoable(start)]).toEqual([undefined, undefined]);
});

describe("Undo of the notice of a removal", () => {
  const removed = placeOf(start.present, state.id);
  if (removed === null) throw new Error("not found");
  const without = at(start, { do: "remove", node: state.id });

  test("takes the removal back when nothing came after it", () => {
    const back = at(without, { do: "restore", removed });
    expect(back.present).toBe(start.present);
    expect(back.past).toHaveLength(0);
  });

  test("of an older notice brings back its own part", () => {
    const both = at(without, { do: "remove", node: tags.id });
    const back = at(both, { do: "restore", removed });
    expect(back.present.parts.map(({ id }) => id)).toEqual([state.id]);
  });

  test("is an edit of its own later", () => {
    const later = at(without, { do: "match", group: start.present.id, match: "any" });
    const back = at(later, { do: "restore", removed });
    expect(back.present.parts.map(({ id }) => id)).toEqual([state.id, tags.id]);
    expect(undo(back).present).toEqual(later.present);
  });
});

test("undoing everything leads back to the start, doing it again to the end, over every tree between", () => {
  const kinds: FilterAction["do"][] = ["add", "change", "match", "remove", "restore", "move", "wrap", "unwrap", "group", "duplicate"];
  for (let seed = 1; seed <= 200; seed += 1) {
    const random = seeded(seed);
    const first = startHistory(randomTree(random));
    let current = first;
    for (let turn = 0; turn < 30; turn += 1) {
      current = at(current, randomAction(random, current.present, kinds), turn * Math.floor(random() * 2_000));
    }
    const trees = [...current.past.map(({ tree }) => tree), current.present];
    let back = current;
    for (const tree of trees.toReversed()) {
      expect(back.present).toBe(tree);
      back = undo(back);
    }
    expect(back.present).toBe(first.present);
    for (const tree of trees.slice(1)) {
      back = redo(back);
      expect(back.present).toBe(tree);
    }
    expect(undoable(back)).toBe(undoable(current));
  }
});
