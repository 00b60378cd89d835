/** Every edit of the filter as data, so that it can be undone. */
import { duplicated, grouped, moved, removed, restored, unwrapped, wrapped } from "./moves";
import { eachGroup, type ConditionChange, type FilterNode, type GroupNode, type Match, type Place, type Removed } from "./tree";

export type FilterAction =
  | { do: "add"; group: string; node: FilterNode }
  /** `isTyped`: one of many small changes that are undone together. */
  | { do: "change"; condition: string; to: ConditionChange; isTyped?: boolean }
  | { do: "match"; group: string; match: Match }
  | { do: "remove"; node: string }
  | { do: "restore"; removed: Removed }
  | { do: "move"; node: string; to: Place }
  | { do: "wrap"; node: string }
  | { do: "unwrap"; group: string }
  | { do: "group"; node: string; with: string }
  | { do: "duplicate"; node: string };

/** What an edit is called when it is undone. */
export const editWords: Record<FilterAction["do"], string> = {
  add: "Add",
  change: "Change",
  match: "All, any or none",
  remove: "Remove",
  restore: "Bring back",
  move: "Move",
  wrap: "Put into a group",
  unwrap: "Take the group apart",
  group: "Group together",
  duplicate: "Duplicate",
};

/** The same tree where the edit changes nothing. */
export function edit(tree: GroupNode, action: FilterAction): GroupNode {
  switch (action.do) {
    case "add":
      return eachGroup(tree, (group) => (group.id === action.group ? { ...group, parts: [...group.parts, action.node] } : group));
    case "change":
      return eachGroup(tree, (group) => ({
        ...group,
        parts: group.parts.map((part) =>
          part.id === action.condition && part.kind === "condition" ? { ...part, ...action.to } : part,
        ),
      }));
    case "match":
      return eachGroup(tree, (group) => (group.id === action.group ? { ...group, match: action.match } : group));
    case "remove":
      return removed(tree, action.node);
    case "restore":
      return restored(tree, action.removed.node, action.removed);
    case "move":
      return moved(tree, action.node, action.to);
    case "wrap":
      return wrapped(tree, action.node);
    case "unwrap":
      return unwrapped(tree, action.group);
    case "group":
      return grouped(tree, action.node, action.with);
    case "duplicate":
      return duplicated(tree, action.node);
  }
}
