import { expect, test } from "vitest";
import { canChoose, choosing, chosenIn, isChosen } from "./choose";
import { edit } from "./edit";
import { field } from "./testWords";
import { newCondition, newGroup, type FilterNode, type GroupNode } from "./tree";

const state = field("metadata.state", "State", "text");
const tags = field("metadata.tags", "Tags", "list");
const customer = field("metadata.customer", "Customer", "boolean");
const score = field("metadata.score", "Score", "number", { operators: ["is", "is_one_of"] });

const all = (...parts: FilterNode[]) => newGroup("all", parts);
const clicked = (tree: GroupNode, of: typeof state, value: string) => choosing(tree, of, value).reduce(edit, tree);
const said = (tree: GroupNode) =>
  tree.parts.map((part) => (part.kind === "condition" ? [part.field, part.operator, part.value] : part.match));

test("the first value becomes a condition, the next ones join it, and leave it again", () => {
  const one = clicked(all(), state, "TX");
  expect(said(one)).toEqual([["metadata.state", "is", "TX"]]);
  const two = clicked(one, state, "FL");
  expect(said(two)).toEqual([["metadata.state", "is_one_of", ["TX", "FL"]]]);
  expect(chosenIn(two, state)).toEqual(["TX", "FL"]);
  const less = clicked(two, state, "tx");
  expect(said(less)).toEqual([["metadata.state", "is_one_of", ["FL"]]]);
  expect(said(clicked(less, state, "FL"))).toEqual([]);
});

test("a condition that waits for its value takes it", () => {
  expect(said(clicked(all(newCondition("metadata.state", "is")), state, "TX"))).toEqual([["metadata.state", "is", "TX"]]);
});

test("lists ask for any of the values, numbers stay numbers", () => {
  expect(said(clicked(all(), tags, "hot lead"))).toEqual([["metadata.tags", "has_any_of", ["hot lead"]]]);
  expect(said(clicked(all(), score, "7"))).toEqual([["metadata.score", "is", 7]]);
});

test("yes and no exclude each other", () => {
  const yes = clicked(all(), customer, "true");
  expect(said(yes)).toEqual([["metadata.customer", "is_true", undefined]]);
  expect(isChosen(chosenIn(yes, customer), "true")).toBe(true);
  const no = clicked(yes, customer, "false");
  expect(said(no)).toEqual([["metadata.customer", "is_false", undefined]]);
  expect(said(clicked(no, customer, "false"))).toEqual([]);
});

test("a condition that excludes is not the one that a value joins", () => {
  const tree = all(newCondition("metadata.state", "is_not", "TX"));
  expect(chosenIn(tree, state)).toEqual([]);
  expect(said(clicked(tree, state, "FL"))).toHaveLength(2);
});

test("where any condition is enough a further one would widen: nothing can be chosen", () => {
  const single = newGroup("any", [newCondition("metadata.city", "is", "Austin")]);
  expect(clicked(single, state, "TX").match).toBe("all");
  const both = newGroup("any", [newCondition("metadata.city", "is", "Austin"), newCondition("metadata.city", "is", "Dallas")]);
  expect([canChoose(both), choosing(both, state, "TX")]).toEqual([false, []]);
  expect(canChoose(newGroup("none", [newCondition("metadata.city", "is", "Austin")]))).toBe(false);
});
