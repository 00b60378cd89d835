/** Blocks are dragged with mouse, finger or keyboard; each place that is passed is said. */
import { DndContext, DragOverlay, KeyboardSensor, PointerSensor, useSensor, useSensors, type Active, type Announcements, type Over } from "@dnd-kit/core";
import { useRef, useState, type ReactNode } from "react";
import { keepEarlyKeys } from "@/lib/earlyKeys";
import { blockNames, spokenBlock, type BlocksDocument } from "./document";
import { blocksOf, canStandIn, move, whereIs, type Place } from "./edit";
import { arrowsThroughGaps, draggedOf, gapId, gapsFor, nearestGap, placeOf, typeOf, type Dragged } from "./dragging";
import { useEditing } from "./editing";
import { spokenPlace } from "./useBlocks";
import classes from "./Canvas.module.css";

/** Less is a press. */
const SLACK_PX = 6;

const instructions = {
  draggable: "Press Space or Enter to pick the block up, the arrow keys to move it, Space or Enter to put it down, and Escape to leave it where it was.",
};

const nameOf = (dragged: Dragged) => (dragged.kind === "block" ? spokenBlock(dragged.block) : blockNames[dragged.type]);

/** Where it would stand, in words; a block that is moved counts among those of its new list. */
function wordsFor(document: BlocksDocument, dragged: Dragged, place: Place): string {
  if (dragged.kind === "new") return spokenPlace(document, place);
  const moved = move(document, dragged.block.id, place);
  return spokenPlace(moved, whereIs(moved, dragged.block.id) ?? place);
}

function announcements(document: BlocksDocument): Announcements {
  const said = (active: Active, over: Over | null, verb: string) => {
    const dragged = draggedOf(active.data.current);
    const place = placeOf(over?.data.current);
    if (dragged === undefined) return undefined;
    return place === undefined ? undefined : `${nameOf(dragged)} ${verb} ${wordsFor(document, dragged, place)}.`;
  };
  return {
    onDragStart: ({ active }) => {
      const dragged = draggedOf(active.data.current);
      return dragged === undefined ? undefined : `${nameOf(dragged)} picked up.`;
    },
    onDragOver: ({ active, over }) => said(active, over, "would stand in"),
    onDragEnd: ({ active, over }) => said(active, over, "put down in") ?? "Put back where it was.",
    onDragCancel: () => "Put back where it was.",
  };
}

export function DragArea({ children }: { children: ReactNode }) {
  const { document, add, move: moveTo } = useEditing();
  const [dragged, setDragged] = useState<Dragged | null>(null);
  const held = useRef<{ gap: string | null; dragged: Dragged | null; document: BlocksDocument }>({ gap: null, dragged: null, document });
  const possible = () => (held.current.dragged === null ? [] : gapsFor(held.current.document, held.current.dragged));
  // They are asked while something is held, never while the screen is drawn.
  const [ways] = useState(() => ({
    collision: (...asked: Parameters<ReturnType<typeof nearestGap>>) => nearestGap(held.current, possible)(...asked),
    arrows: (...asked: Parameters<ReturnType<typeof arrowsThroughGaps>>) => arrowsThroughGaps(held.current, possible)(...asked),
  }));
  const sensors = useSensors(
    useSensor(PointerSensor, { activationConstraint: { distance: SLACK_PX } }),
    useSensor(KeyboardSensor, { coordinateGetter: ways.arrows }),
  );

  const letGo = () => {
    held.current = { gap: null, dragged: null, document };
    setDragged(null);
  };
  return (
    <DndContext
      sensors={sensors}
      collisionDetection={ways.collision}
      accessibility={{ announcements: announcements(document), screenReaderInstructions: instructions }}
      onDragStart={({ active, activatorEvent }) => {
        keepEarlyKeys(activatorEvent);
        const started = draggedOf(active.data.current);
        if (started === undefined) return;
        const from = started.kind === "block" ? whereIs(document, started.block.id) : undefined;
        held.current = { gap: from === undefined ? null : gapId(from), dragged: started, document };
        setDragged(started);
      }}
      onDragCancel={letGo}
      onDragEnd={({ over }) => {
        const place = placeOf(over?.data.current);
        const ended = held.current.dragged;
        letGo();
        if (place === undefined || ended === null || !canStandIn(typeOf(ended), place.list)) return;
        if (ended.kind === "new") add(ended.type, place);
        else moveTo(ended.block, { list: place.list, index: Math.min(place.index, blocksOf(document, place.list).length) });
      }}
    >
      {children}
      <DragOverlay dropAnimation={null}>{dragged !== null && <div className={classes["ghost"]}>{nameOf(dragged)}</div>}</DragOverlay>
    </DndContext>
  );
}
