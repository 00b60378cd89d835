/** Where a dragged block would stand: the nearest of the places that take it, or by keyboard the next one. */
import type { ClientRect, CollisionDetection, DroppableContainer, KeyboardCoordinateGetter } from "@dnd-kit/core";
import type { Block, BlocksDocument, BlockType } from "./document";
import { placesFor, type List, type Place } from "./edit";

export type Dragged = { kind: "block"; block: Block } | { kind: "new"; type: BlockType };

export const typeOf = (dragged: Dragged): BlockType => (dragged.kind === "block" ? dragged.block.type : dragged.type);

const listName = (list: List) => (list === "page" ? "page" : `${list.block}/${list.column}`);
export const gapId = ({ list, index }: Place): string => `gap ${listName(list)} ${index}`;

/** The ids of all places that take what is dragged, from top to bottom. */
export const gapsFor = (document: BlocksDocument, dragged: Dragged): string[] =>
  placesFor(document, typeOf(dragged), dragged.kind === "block" ? dragged.block.id : undefined).map(gapId);

export const draggedOf = (data: Record<string, unknown> | undefined): Dragged | undefined => data?.["dragged"] as Dragged | undefined;
export const placeOf = (data: Record<string, unknown> | undefined): Place | undefined => data?.["place"] as Place | undefined;

const ASIDE = 4;

/** Pixels down to the place, and much more for each pixel beside it. */
export function distance(point: { x: number; y: number }, { left, right, top }: Pick<ClientRect, "left" | "right" | "top">): number {
  const aside = Math.max(left - point.x, point.x - right, 0);
  return Math.abs(point.y - top) + aside * ASIDE;
}

/** `keyboard.gap` is where the arrows have led; the pointer goes by distance. */
export function nearestGap(keyboard: { gap: string | null }, possible: () => string[]): CollisionDetection {
  return ({ droppableContainers, droppableRects, pointerCoordinates }) => {
    const ids = new Set(possible());
    if (pointerCoordinates === null) return keyboard.gap !== null && ids.has(keyboard.gap) ? [{ id: keyboard.gap }] : [];
    const rectOf = ({ id }: DroppableContainer) => droppableRects.get(id);
    const near = droppableContainers
      .filter((container) => ids.has(String(container.id)) && rectOf(container) !== undefined)
      .map((container) => ({ id: container.id, far: distance(pointerCoordinates, rectOf(container) ?? { left: 0, right: 0, top: 0 }) }))
      .toSorted((one, other) => one.far - other.far);
    return near.slice(0, 1).map(({ id }) => ({ id }));
  };
}

const directions: Partial<Record<string, 1 | -1>> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };

export function arrowsThroughGaps(keyboard: { gap: string | null }, possible: () => string[]): KeyboardCoordinateGetter {
  return (event, { currentCoordinates, context: { droppableRects } }) => {
    const direction = directions[event.code];
    if (direction === undefined) return undefined;
    event.preventDefault();
    const ids = possible();
    const at = keyboard.gap === null ? -1 : ids.indexOf(keyboard.gap);
    const next = ids[Math.min(Math.max(at + direction, 0), ids.length - 1)];
    if (next === undefined) return undefined;
    keyboard.gap = next;
    const rect = droppableRects.get(next);
    return rect === undefined ? currentCoordinates : { x: rect.left, y: rect.top };
  };
}
