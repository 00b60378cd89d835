/** Filters and edits made up for tests, the same ones for the same seed. */
import type { FilterAction } from "./edit";
import { conditionsOf, groupsOf, newCondition, newGroup, placeOf, type FilterNode, type GroupNode, type Match } from "./tree";

export type Random = () => number;

export function seeded(seed: number): Random {
  let state = seed * 2654435761;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 2 ** 32;
  };
}

const pick = <T>(random: Random, from: readonly T[]): T => {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error("nothing to pick from");
  return chosen;
};

const matches: Match[] = ["all", "any", "none"];
let made = 0;

function randomNode(random: Random, depth: number): FilterNode {
  if (depth === 0 || random() < 0.6) return newCondition(`field${++made}`, "is", made);
  return newGroup(pick(random, matches), Array.from({ length: Math.floor(random() * 4) }, () => randomNode(random, depth - 1)));
}

export const randomTree = (random: Random): GroupNode =>
  newGroup(pick(random, matches), Array.from({ length: 1 + Math.floor(random() * 5) }, () => randomNode(random, 4)));

/** Of one of the given kinds, about parts of the tree; one that cannot be is made too. */
export function randomAction(random: Random, tree: GroupNode, kinds: FilterAction["do"][]): FilterAction {
  const groups = groupsOf(tree);
  const parts: FilterNode[] = [...groups, ...conditionsOf(tree)];
  const node = pick(random, parts).id;
  const group = pick(random, groups);
  switch (pick(random, kinds)) {
    case "add":
      return { do: "add", group: group.id, node: randomNode(random, 2) };
    case "change":
      return { do: "change", condition: node, to: { value: Math.floor(random() * 1000) }, isTyped: random() < 0.7 };
    case "match":
      return { do: "match", group: group.id, match: pick(random, matches) };
    case "remove":
      return { do: "remove", node };
    case "restore": {
      const removed = placeOf(tree, node);
      return removed === null ? { do: "remove", node } : { do: "restore", removed: { ...removed, node: newCondition("back", "is", 1) } };
    }
    case "move":
      return { do: "move", node, to: { group: group.id, index: Math.floor(random() * (group.parts.length + 1)) } };
    case "wrap":
      return { do: "wrap", node };
    case "unwrap":
      return { do: "unwrap", group: group.id };
    case "group":
      return { do: "group", node, with: pick(random, parts).id };
    case "duplicate":
      return { do: "duplicate", node };
  }
}
