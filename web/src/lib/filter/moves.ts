/** Where a part of the filter can go: by drag, by keyboard, into groups and out of them. A move that cannot be changes nothing. */
import {
  DEEPEST, copyOf, depthOf, eachGroup, groupIn, heightOf, isInside, newGroup, placeOf, type FilterNode, type GroupNode, type Match, type Place,
} from "./tree";

const inserted = (tree: GroupNode, { group, index }: Place, node: FilterNode): GroupNode =>
  eachGroup(tree, (each) => (each.id === group ? { ...each, parts: each.parts.toSpliced(index, 0, node) } : each));

export const removed = (tree: GroupNode, id: string): GroupNode =>
  eachGroup(tree, (group) => ({ ...group, parts: group.parts.filter((part) => part.id !== id) }));

const replaced = (tree: GroupNode, id: string, by: FilterNode[]): GroupNode =>
  eachGroup(tree, (group) => ({ ...group, parts: group.parts.flatMap((part) => (part.id === id ? by : [part])) }));

/** A group that a move has left empty would say nothing. */
function withoutEmptied(tree: GroupNode, group: string): GroupNode {
  const left = groupIn(tree, group);
  return left !== undefined && left.id !== tree.id && left.parts.length === 0 ? removed(tree, group) : tree;
}

const fits = (tree: GroupNode, group: string, height: number): boolean => {
  const depth = depthOf(tree, group);
  return depth > 0 && depth + height <= DEEPEST;
};

export const canHold = (tree: GroupNode, group: string, node: FilterNode): boolean =>
  !isInside(node, group) && fits(tree, group, heightOf(node));

/** `to` counts the parts as they stand before the move. */
export function moved(tree: GroupNode, id: string, to: Place): GroupNode {
  const from = placeOf(tree, id);
  if (from === null || !canHold(tree, to.group, from.node)) return tree;
  const isSameGroup = from.group === to.group;
  const index = isSameGroup && from.index < to.index ? to.index - 1 : to.index;
  if (isSameGroup && index === from.index) return tree;
  return withoutEmptied(inserted(removed(tree, id), { group: to.group, index }, from.node), from.group);
}

const otherMatch = (match: Match): Match => (match === "all" ? "any" : "all");

/** Into a new group at its own place. */
export function wrapped(tree: GroupNode, id: string): GroupNode {
  const from = placeOf(tree, id);
  const home = from === null ? undefined : groupIn(tree, from.group);
  if (from === null || home === undefined || !fits(tree, home.id, heightOf(from.node) + 1)) return tree;
  return replaced(tree, id, [newGroup(otherMatch(home.match), [from.node])]);
}

/** The parts of a group stand in its place. */
export function unwrapped(tree: GroupNode, id: string): GroupNode {
  const group = groupIn(tree, id);
  return group === undefined || group.id === tree.id ? tree : replaced(tree, id, group.parts);
}

/** Both stand in a new group where the other one stood. */
export function grouped(tree: GroupNode, id: string, other: string): GroupNode {
  const node = placeOf(tree, id);
  const target = placeOf(tree, other);
  if (node === null || target === null || isInside(node.node, other) || isInside(target.node, id)) return tree;
  const home = groupIn(tree, target.group);
  const height = Math.max(heightOf(node.node), heightOf(target.node)) + 1;
  if (home === undefined || !fits(tree, home.id, height)) return tree;
  const both = newGroup(otherMatch(home.match), [target.node, node.node]);
  return withoutEmptied(replaced(removed(tree, id), other, [both]), node.group);
}

export function duplicated(tree: GroupNode, id: string): GroupNode {
  const from = placeOf(tree, id);
  return from === null ? tree : inserted(tree, { group: from.group, index: from.index + 1 }, copyOf(from.node));
}

/** Back to its place; to the end of the whole filter when its group is gone. Nothing stands in the filter twice. */
export function restored(tree: GroupNode, node: FilterNode, { group, index }: Place): GroupNode {
  if (placeOf(tree, node.id) !== null) return tree;
  const home = groupIn(tree, group) ?? tree;
  return inserted(tree, { group: home.id, index: home.id === group ? index : home.parts.length }, node);
}

export type Step = "up" | "down" | "in" | "out";

/** Where one step of the keyboard leads; null where it cannot go. */
export function stepTo(tree: GroupNode, id: string, step: Step): Place | null {
  const from = placeOf(tree, id);
  const home = from === null ? undefined : groupIn(tree, from.group);
  if (from === null || home === undefined) return null;
  switch (step) {
    case "up":
      return from.index > 0 ? { group: home.id, index: from.index - 1 } : null;
    case "down":
      return from.index < home.parts.length - 1 ? { group: home.id, index: from.index + 2 } : null;
    case "in": {
      const above = home.parts[from.index - 1];
      return above?.kind === "group" && canHold(tree, above.id, from.node) ? { group: above.id, index: above.parts.length } : null;
    }
    case "out": {
      const around = placeOf(tree, home.id);
      return around === null ? null : { group: around.group, index: around.index + 1 };
    }
  }
}

export const canWrap = (tree: GroupNode, id: string): boolean => wrapped(tree, id) !== tree;
