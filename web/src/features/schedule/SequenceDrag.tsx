/** Steps are dragged by mouse, finger or keyboard, to another place or another day; each target that is passed is said. */
import { DndContext, DragOverlay, KeyboardSensor, PointerSensor, useSensor, useSensors, type Announcements, type Over } from "@dnd-kit/core";
import { useRef, useState, type ReactNode } from "react";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { inWords } from "@/api/problem";
import { keepEarlyKeys } from "@/lib/earlyKeys";
import { daysBetween, whenOf } from "@/lib/sequence/days";
import { toDay, toPlace } from "@/lib/sequence/move";
import { dayWord, fullTitleOf, whenSaid } from "@/lib/sequence/words";
import type { Step } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { arrowsToTargets, dayId, nearestTarget, placeId, targetOf, type Arrows } from "./dragging";
import classes from "./Timeline.module.css";

/** Less is a press. */
const SLACK_PX = 6;

const instructions = {
  draggable: "Press Space to pick the step up. Up and down change its place, left and right its day. Space puts it down, Escape leaves it where it was.",
};

interface SequenceDragProps {
  dayOne: string | null;
  /** All dates of the calendar. */
  dates: string[];
  children: ReactNode;
}

export function SequenceDrag({ dayOne, dates, children }: SequenceDragProps) {
  const { broadcast } = useDraft();
  const { steps } = broadcast;
  const { move } = useStepCommands();
  const [dragged, setDragged] = useState<Step | null>(null);
  const held = useRef<Arrows>({ places: [], days: [], at: null, day: null, place: null });
  // They are asked while something is held, never while the screen is drawn.
  const [ways] = useState(() => ({
    collision: (...asked: Parameters<ReturnType<typeof nearestTarget>>) => nearestTarget(held.current)(...asked),
    arrows: (...asked: Parameters<ReturnType<typeof arrowsToTargets>>) => arrowsToTargets(held.current)(...asked),
  }));
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: SLACK_PX } }),
    useSensor(KeyboardSensor, { coordinateGetter: ways.arrows }),
  );
  const stepOf = (id: string | number) => steps.find((step) => step.id === id);
  const dayNumber = (date: string) => (dayOne === null ? 0 : daysBetween(dayOne, date) + 1);

  const pickUp = (step: Step) => {
    const { date } = whenOf(step, dayOne);
    const isFirst = step.id === steps[0]?.id;
    held.current = {
      places: steps.map((_, index) => placeId(index)),
      // The days count from the first step, so it has no other.
      days: isFirst ? [] : dates.filter((each) => dayNumber(each) >= 1).map(dayId),
      at: null,
      place: placeId(steps.indexOf(step)),
      day: date === null ? null : dayId(date),
    };
    setDragged(step);
  };

  const where = (over: Over | null): string | undefined => {
    const target = targetOf(over?.data.current);
    if (target === undefined) return undefined;
    if (target.kind === "day") return `day ${dayNumber(target.date)}, ${dayWord(target.date)}`;
    const there = steps[target.index];
    const when = there === undefined ? "" : `, ${whenSaid(whenOf(there, dayOne), there.send_mode === "now")}`;
    return `place ${target.index + 1} of ${steps.length}${when}`;
  };
  const said = (id: string | number, over: Over | null, verb: string) => {
    const step = stepOf(id);
    const place = where(over);
    return step === undefined || place === undefined ? undefined : `${fullTitleOf(step)} ${verb} ${place}.`;
  };
  const announcements: Announcements = {
    onDragStart: ({ active }) => {
      const step = stepOf(active.id);
      return step === undefined ? undefined : `${fullTitleOf(step)} picked up.`;
    },
    onDragOver: ({ active, over }) => said(active.id, over, "would go to"),
    onDragEnd: ({ active, over }) => said(active.id, over, "put down at") ?? "Left where it was.",
    onDragCancel: () => "Left where it was.",
  };

  const drop = (step: Step | undefined, over: Over | null) => {
    setDragged(null);
    const target = targetOf(over?.data.current);
    if (step === undefined || target === undefined) return;
    const to = target.kind === "place" ? toPlace(steps, step.id, target.index) : toDay(steps, step.id, dayNumber(target.date), dayOne);
    const isSame = to === null || (to.times.length === 0 && to.order.every((id, index) => id === steps[index]?.id));
    if (!isSame) move.mutate(to);
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
      {move.isError && <Notice kind="bad" isAlert>The step was not moved. {inWords(move.error)}</Notice>}
      <DragOverlay dropAnimation={null}>{dragged !== null && <div className={classes["ghost"]}>{fullTitleOf(dragged)}</div>}</DragOverlay>
    </DndContext>
  );
}
