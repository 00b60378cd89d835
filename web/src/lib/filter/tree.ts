/** The filter while it is edited: a tree whose parts have ids, so that they can be changed, moved, removed and put back. */
import type { Group } from "@/api/types";

export type Match = Group["match"];

export interface ConditionNode {
  kind: "condition";
  id: string;
  field: string;
  operator: string;
  value: unknown;
}

export interface GroupNode {
  kind: "group";
  id: string;
  match: Match;
  parts: FilterNode[];
}

export type FilterNode = ConditionNode | GroupNode;

/** As deep as the server reads groups, the outermost counted. */
export const DEEPEST = 8;

export type ConditionChange = Partial<Pick<ConditionNode, "field" | "operator" | "value">>;

/** A place between the parts of a group: before the part that stands there now. */
export interface Place {
  group: string;
  index: number;
}

export interface Removed extends Place {
  node: FilterNode;
}

let made = 0;
const newId = () => `n${++made}`;

export const newCondition = (field: string, operator: string, value?: unknown): ConditionNode => ({
  kind: "condition",
  id: newId(),
  field,
  operator,
  value,
});

export const newGroup = (match: Match = "any", parts: FilterNode[] = []): GroupNode => ({
  kind: "group",
  id: newId(),
  match,
  parts,
});

export function copyOf(node: FilterNode): FilterNode {
  if (node.kind === "condition") return { ...node, id: newId() };
  return { ...node, id: newId(), parts: node.parts.map(copyOf) };
}

/** The innermost groups are changed first. */
export const eachGroup = (tree: GroupNode, change: (group: GroupNode) => GroupNode): GroupNode => {
  const parts = tree.parts.map((part) => (part.kind === "group" ? eachGroup(part, change) : part));
  return change({ ...tree, parts });
};

export const groupsOf = (tree: GroupNode): GroupNode[] => [
  tree,
  ...tree.parts.flatMap((part) => (part.kind === "group" ? groupsOf(part) : [])),
];

export const groupIn = (tree: GroupNode, id: string): GroupNode | undefined => groupsOf(tree).find((group) => group.id === id);

export function placeOf(tree: GroupNode, id: string): Removed | null {
  for (const group of groupsOf(tree)) {
    const index = group.parts.findIndex((part) => part.id === id);
    const node = group.parts[index];
    if (node !== undefined) return { node, group: group.id, index };
  }
  return null;
}

export const isInside = (node: FilterNode, id: string): boolean =>
  node.id === id || (node.kind === "group" && node.parts.some((part) => isInside(part, id)));

/** How many groups stand one inside the other: 0 for a condition. */
export const heightOf = (node: FilterNode): number =>
  node.kind === "condition" ? 0 : 1 + Math.max(0, ...node.parts.map(heightOf));

/** 1 for the outermost group; 0 when there is no such group. */
export function depthOf(tree: GroupNode, group: string): number {
  if (tree.id === group) return 1;
  const inner = tree.parts.map((part) => (part.kind === "group" ? depthOf(part, group) : 0));
  const deepest = Math.max(0, ...inner);
  return deepest === 0 ? 0 : deepest + 1;
}

export const conditionsOf = (node: FilterNode): ConditionNode[] =>
  node.kind === "condition" ? [node] : node.parts.flatMap(conditionsOf);
