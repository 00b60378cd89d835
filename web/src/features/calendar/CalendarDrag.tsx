/** Steps are dragged by mouse, finger or keyboard to another day, or another hour; each cell that is passed is said. */
import { DndContext, DragOverlay, KeyboardSensor, MouseSensor, TouchSensor, useSensor, useSensors, type Announcements, type Over } from "@dnd-kit/core";
import { useRef, useState, type ReactNode } from "react";
import { fullNameOf, hourOf, nameOf } from "@/lib/calendar/items";
import { inHour, onDay, wallSaid } from "@/lib/calendar/move";
import { keepEarlyKeys } from "@/lib/earlyKeys";
import type { CalendarStep } from "@/api/types";
import { arrowsToCells, cellOf, cellUnder, type Grid } from "./dragging";
import classes from "./Calendar.module.css";

/** Less is a press. */
const SLACK_PX = 6;
/** A finger that only scrolls does not wait. */
const HOLD_MS = 250;

const instructions = {
  draggable: "Press Space to pick it up, then move it with the arrow keys. Space puts it down, Escape leaves it where it was. Enter opens a form with date and time instead.",
};

interface CalendarDragProps {
  steps: CalendarStep[];
  dates: string[];
  hours: number[] | null;
  onMove: (step: CalendarStep, shown: string) => void;
  children: ReactNode;
}

export function CalendarDrag({ steps, dates, hours, onMove, children }: CalendarDragProps) {
  const [dragged, setDragged] = useState<CalendarStep | null>(null);
  const grid = useRef<Grid>({ dates: [], hours: null, at: null, hasLeft: false });
  // They are asked while something is held, never while the screen is drawn.
  const [ways] = useState(() => ({
    collision: (...asked: Parameters<ReturnType<typeof cellUnder>>) => cellUnder(grid.current)(...asked),
    arrows: (...asked: Parameters<ReturnType<typeof arrowsToCells>>) => arrowsToCells(grid.current)(...asked),
  }));
  const sensors = useSensors(
    useSensor(MouseSensor, { activationConstraint: { distance: SLACK_PX } }),
    useSensor(TouchSensor, { activationConstraint: { delay: HOLD_MS, tolerance: SLACK_PX } }),
    useSensor(KeyboardSensor, { coordinateGetter: ways.arrows, keyboardCodes: { start: ["Space"], cancel: ["Escape"], end: ["Space", "Enter"] } }),
  );
  const stepOf = (id: string | number) => steps.find((step) => step.step_id === id);

  const target = (step: CalendarStep | undefined, over: Over | null): string | undefined => {
    const cell = cellOf(over?.data.current);
    if (cell === undefined || step === undefined) return undefined;
    return cell.hour === null ? onDay(step.shown, cell.date) : inHour(step.shown, cell.date, cell.hour);
  };
  const said = (id: string | number, over: Over | null, verb: string) => {
    const step = stepOf(id);
    const to = target(step, over);
    return step === undefined || to === undefined ? undefined : `${fullNameOf(step)} ${verb} ${wallSaid(to)}.`;
  };
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      const step = stepOf(active.id);
      return step === undefined ? undefined : `${fullNameOf(step)} picked up from ${wallSaid(step.shown)}.`;
    },
    onDragOver: ({ active, over }) => {
      const isHome = target(stepOf(active.id), over) === stepOf(active.id)?.shown;
      // That it was picked up is said already.
      if (isHome && !grid.current.hasLeft) return undefined;
      grid.current.hasLeft = true;
      return said(active.id, over, isHome ? "would stay at" : "would go to");
    },
    onDragEnd: ({ active, over }) => said(active.id, over, "put down at") ?? "Left where it was.",
    onDragCancel: () => "Left where it was.",
  };

  const pickUp = (step: CalendarStep) => {
    grid.current = { dates, hours, at: { date: step.shown.slice(0, 10), hour: hours === null ? null : hourOf(step.shown) }, hasLeft: false };
    setDragged(step);
  };
  const drop = (step: CalendarStep | undefined, over: Over | null) => {
    setDragged(null);
    const to = target(step, over);
    if (step !== undefined && to !== undefined && to !== step.shown) onMove(step, to);
  };

  return (
    <DndContext
      sensors={sensors}
      collisionDetection={ways.collision}
      accessibility={{ announcements, screenReaderInstructions: instructions }}
      onDragStart={({ active, activatorEvent }) => {
        keepEarlyKeys(activatorEvent);
        const step = stepOf(active.id);
        if (step !== undefined) pickUp(step);
      }}
      onDragCancel={() => setDragged(null)}
      onDragEnd={({ active, over }) => drop(stepOf(active.id), over)}
    >
      {children}
      <DragOverlay dropAnimation={null}>{dragged !== null && <div className={classes["ghost"]}>{nameOf(dragged)}</div>}</DragOverlay>
    </DndContext>
  );
}
