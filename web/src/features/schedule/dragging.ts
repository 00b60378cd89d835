/** Where a dragged step would go: to the place of another, or onto a day of the calendar; by keyboard up and down, or left and right. */
import type { CollisionDetection, KeyboardCoordinateGetter } from "@dnd-kit/core";

export type Target = { kind: "place"; index: number } | { kind: "day"; date: string };

export const targetOf = (data: Record<string, unknown> | undefined): Target | undefined => data?.["target"] as Target | undefined;

export const placeId = (index: number): string => `place ${index}`;
export const dayId = (date: string): string => `day ${date}`;

/** What the arrows have led to; the pointer goes by what is under it. */
export interface Arrows {
  /** The places and the days that can be taken, in their order. */
  places: string[];
  days: string[];
  at: string | null;
  /** From where left and right begin. */
  day: string | null;
  place: string | null;
}

const inside = ({ x, y }: { x: number; y: number }, rect: { left: number; right: number; top: number; bottom: number }) =>
  x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;

/** A day under the pointer, else the nearest place. */
export function nearestTarget(arrows: Arrows): CollisionDetection {
  return ({ droppableContainers, droppableRects, pointerCoordinates }) => {
    if (pointerCoordinates === null) return arrows.at === null ? [] : [{ id: arrows.at }];
    const rects = droppableContainers.flatMap(({ id }) => {
      const rect = droppableRects.get(id);
      return rect === undefined ? [] : [{ id, rect }];
    });
    const day = rects.find(({ id, rect }) => arrows.days.includes(String(id)) && inside(pointerCoordinates, rect));
    if (day !== undefined) return [{ id: day.id }];
    const places = rects
      .filter(({ id }) => arrows.places.includes(String(id)))
      .map(({ id, rect }) => ({ id, far: Math.abs(pointerCoordinates.y - (rect.top + rect.height / 2)) }))
      .toSorted((one, other) => one.far - other.far);
    return places.slice(0, 1).map(({ id }) => ({ id }));
  };
}

const directions: Partial<Record<string, { of: "places" | "days"; by: 1 | -1 }>> = {
  ArrowUp: { of: "places", by: -1 },
  ArrowDown: { of: "places", by: 1 },
  ArrowLeft: { of: "days", by: -1 },
  ArrowRight: { of: "days", by: 1 },
};

/** The next target of a kind; the first press begins where the step stands. */
export function nextTarget(arrows: Arrows, code: string): string | undefined {
  const direction = directions[code];
  if (direction === undefined) return undefined;
  const ids = arrows[direction.of];
  const begun = direction.of === "days" ? arrows.day : arrows.place;
  const from = arrows.at !== null && ids.includes(arrows.at) ? arrows.at : begun;
  const index = from === null ? -1 : ids.indexOf(from);
  if (index < 0) return ids[0];
  return ids[Math.min(Math.max(index + direction.by, 0), ids.length - 1)];
}

export function arrowsToTargets(arrows: Arrows): KeyboardCoordinateGetter {
  return (event, { currentCoordinates, context: { droppableRects } }) => {
    const next = nextTarget(arrows, event.code);
    if (next === undefined) return undefined;
    event.preventDefault();
    arrows.at = next;
    const rect = droppableRects.get(next);
    return rect === undefined ? currentCoordinates : { x: rect.left, y: rect.top };
  };
}
