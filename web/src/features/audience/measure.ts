/** Where the parts of the filter stand on the screen, for dropping between them and onto them. */
import type { Gap, Partner } from "@/lib/filter/drop";
import { canHold } from "@/lib/filter/moves";
import { groupsOf, isInside, type FilterNode, type GroupNode } from "@/lib/filter/tree";

/** Half of the space between two parts. */
const HALF_GAP = 4;

export function gapsIn(root: HTMLElement, tree: GroupNode, dragged: FilterNode): Gap[] {
  return groupsOf(tree)
    .filter((group) => canHold(tree, group.id, dragged))
    .flatMap((group) => {
      const container = root.querySelector(`[data-parts="${group.id}"]`);
      if (container === null) return [];
      const { left, right, top, bottom } = container.getBoundingClientRect();
      const parts = [...container.children].filter((child) => child.hasAttribute("data-part")).map((child) => child.getBoundingClientRect());
      const lines = parts.length === 0 ? [(top + bottom) / 2] : parts.map((part) => part.top - HALF_GAP);
      const last = parts.at(-1);
      if (last !== undefined) lines.push(last.bottom + HALF_GAP);
      return lines.map((y, index) => ({ group: group.id, index, left, right, y }));
    });
}

export function partnersIn(root: HTMLElement, dragged: FilterNode): Partner[] {
  return [...root.querySelectorAll<HTMLElement>("[data-condition]")].flatMap((element) => {
    const id = element.dataset["part"];
    if (id === undefined || isInside(dragged, id)) return [];
    const { left, right, top, bottom } = element.getBoundingClientRect();
    return [{ id, left, right, top, bottom }];
  });
}
