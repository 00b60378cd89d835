/** Where a dragged step would go: a day of the month, or an hour of a day; by keyboard with the arrows, day by day and week by week or hour by hour. */
import type { CollisionDetection, KeyboardCoordinateGetter } from "@dnd-kit/core";
import { dateAfter } from "@/lib/sequence/days";

export interface Cell {
  date: string;
  /** Null: the whole day. */
  hour: number | null;
}

export const cellId = ({ date, hour }: Cell): string => (hour === null ? date : `${date} ${hour}`);

export const cellOf = (data: Record<string, unknown> | undefined): Cell | undefined => data?.["cell"] as Cell | undefined;

/** What can be dropped on, and where the arrows have led. */
export interface Grid {
  dates: string[];
  /** Null: days have no hours. */
  hours: number[] | null;
  at: Cell | null;
  /** Whether it has been over another cell than its own. */
  hasLeft: boolean;
}

const inside = ({ x, y }: { x: number; y: number }, rect: { left: number; right: number; top: number; bottom: number }) =>
  x >= rect.left && x <= rect.right && y >= rect.top && y <= rect.bottom;

/** The cell under the pointer, or the one that the arrows have led to. */
export function cellUnder(grid: Grid): CollisionDetection {
  return ({ droppableContainers, droppableRects, pointerCoordinates }) => {
    if (pointerCoordinates === null) return grid.at === null ? [] : [{ id: cellId(grid.at) }];
    const under = droppableContainers.find(({ id }) => {
      const rect = droppableRects.get(id);
      return rect !== undefined && inside(pointerCoordinates, rect);
    });
    return under === undefined ? [] : [{ id: under.id }];
  };
}

const WEEK = 7;

/** One press of an arrow further; at the edges it stays. */
export function nextCell({ dates, hours, at }: Omit<Grid, "hasLeft">, code: string): Cell | undefined {
  if (at === null) return undefined;
  const byDay = (days: number): Cell => {
    const date = dateAfter(at.date, days);
    return dates.includes(date) ? { ...at, date } : at;
  };
  const byRow = (rows: 1 | -1): Cell => {
    if (hours === null || at.hour === null) return byDay(rows * WEEK);
    const hour = hours[hours.indexOf(at.hour) + rows];
    return hour === undefined ? at : { ...at, hour };
  };
  switch (code) {
    case "ArrowLeft":
      return byDay(-1);
    case "ArrowRight":
      return byDay(1);
    case "ArrowUp":
      return byRow(-1);
    case "ArrowDown":
      return byRow(1);
    default:
      return undefined;
  }
}

export function arrowsToCells(grid: Grid): KeyboardCoordinateGetter {
  return (event, { currentCoordinates, context: { droppableRects } }) => {
    const next = nextCell(grid, event.code);
    if (next === undefined) return undefined;
    event.preventDefault();
    grid.at = next;
    const rect = droppableRects.get(cellId(next));
    return rect === undefined ? currentCoordinates : { x: rect.left, y: rect.top };
  };
}
