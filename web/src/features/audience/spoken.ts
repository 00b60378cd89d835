/** What a screen reader hears of a group, and where the focus goes when a part is gone. */
import { groupIn, type GroupNode, type Removed } from "@/lib/filter/tree";
import type { FocusOn } from "./catalogue";

const matchWords: Record<GroupNode["match"], string> = { all: "all of these", any: "any of these", none: "none of these" };

export const groupWord = ({ match }: Pick<GroupNode, "match">): string => matchWords[match];

/** The part behind the removed one, or before it; without any, the box that adds one. */
export function nextFocus(tree: GroupNode, { group, index }: Removed): FocusOn {
  const parts = groupIn(tree, group)?.parts ?? [];
  const next = parts[index + 1] ?? parts[index - 1];
  return next === undefined ? "add" : { part: next.id, at: "handle" };
}
