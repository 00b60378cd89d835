/** Dragging a part by its handle, with mouse, pen or finger: a line shows where it would go, Escape leaves it where it was. */
import { useEffect, useEffectEvent, useRef, useState, type PointerEvent as HandleEvent, type RefObject } from "react";
import { dropAt, type Drop } from "@/lib/filter/drop";
import type { FilterAction } from "@/lib/filter/edit";
import { grouped } from "@/lib/filter/moves";
import type { FilterNode, GroupNode } from "@/lib/filter/tree";
import type { FocusOn } from "./catalogue";
import { gapsIn, partnersIn } from "./measure";

/** Less is a press. */
const SLACK_PX = 6;
const NEAR_EDGE_PX = 72;
const SCROLL_PX = 10;

interface Held {
  node: FilterNode;
  pointer: number;
  x: number;
  y: number;
}

interface DragOptions {
  root: RefObject<HTMLElement | null>;
  tree: GroupNode;
  isReadOnly: boolean;
  act: (action: FilterAction, focus?: FocusOn) => void;
}

export interface Drag {
  node: FilterNode;
  drop: Drop | null;
  /** Where the line of a gap is drawn, in pixels from the corner of the builder. */
  line: { left: number; top: number; width: number } | undefined;
}

function lineOf(root: HTMLElement, drop: Drop | null): Drag["line"] {
  if (drop?.kind !== "place") return undefined;
  const box = root.getBoundingClientRect();
  const { left, right, y } = drop.gap;
  return { left: left - box.left, top: y - box.top, width: right - left };
}

const isSameDrop = (one: Drop | null, other: Drop | null) => JSON.stringify(one) === JSON.stringify(other);

/** The press that ends a drag is no press of the handle. */
function swallowClick() {
  const swallow = (event: Event) => event.stopPropagation();
  window.addEventListener("click", swallow, { capture: true, once: true });
  setTimeout(() => window.removeEventListener("click", swallow, { capture: true }), 0);
}

export function useDrag({ root, tree, isReadOnly, act }: DragOptions) {
  const [held, setHeld] = useState<Held | null>(null);
  const [drag, setDrag] = useState<Drag | null>(null);
  const ghost = useRef<HTMLDivElement>(null);
  const current = useRef<Drag | null>(null);

  const show = (next: Drag | null) => {
    if (next !== null && current.current !== null && isSameDrop(next.drop, current.current.drop)) return;
    current.current = next;
    setDrag(next);
  };

  const over = useEffectEvent((node: FilterNode, x: number, y: number) => {
    if (root.current === null) return;
    const partners = partnersIn(root.current, node).filter(({ id }) => grouped(tree, node.id, id) !== tree);
    const drop = dropAt({ x, y }, gapsIn(root.current, tree, node), partners);
    show({ node, drop, line: lineOf(root.current, drop) });
  });

  const finish = useEffectEvent((isDropped: boolean) => {
    const ended = current.current;
    current.current = null;
    setHeld(null);
    setDrag(null);
    if (ended === null) return;
    swallowClick();
    if (!isDropped || ended.drop === null) return;
    const { node, drop } = ended;
    const focus = { part: node.id, at: "handle" } as const;
    if (drop.kind === "with") act({ do: "group", node: node.id, with: drop.partner.id }, focus);
    else act({ do: "move", node: node.id, to: { group: drop.gap.group, index: drop.gap.index } }, focus);
  });

  useEffect(() => {
    if (held === null) return;
    let at = { x: held.x, y: held.y };
    let frame = 0;
    const scroll = () => {
      const by = at.y < NEAR_EDGE_PX ? -SCROLL_PX : at.y > window.innerHeight - NEAR_EDGE_PX ? SCROLL_PX : 0;
      if (by !== 0) {
        window.scrollBy(0, by);
        over(held.node, at.x, at.y);
      }
      frame = requestAnimationFrame(scroll);
    };
    const move = (event: PointerEvent) => {
      if (event.pointerId !== held.pointer) return;
      const isStill = current.current === null && Math.hypot(event.clientX - held.x, event.clientY - held.y) < SLACK_PX;
      if (isStill) return;
      event.preventDefault();
      if (current.current === null) frame = requestAnimationFrame(scroll);
      at = { x: event.clientX, y: event.clientY };
      over(held.node, at.x, at.y);
      ghost.current?.style.setProperty("translate", `${at.x + 12}px ${at.y + 12}px`);
    };
    const up = (event: PointerEvent) => event.pointerId === held.pointer && finish(true);
    const cancel = (event: PointerEvent) => event.pointerId === held.pointer && finish(false);
    const key = (event: KeyboardEvent) => {
      if (event.key !== "Escape") return;
      event.stopPropagation();
      finish(false);
    };
    window.addEventListener("pointermove", move);
    window.addEventListener("pointerup", up);
    window.addEventListener("pointercancel", cancel);
    window.addEventListener("keydown", key, { capture: true });
    return () => {
      cancelAnimationFrame(frame);
      window.removeEventListener("pointermove", move);
      window.removeEventListener("pointerup", up);
      window.removeEventListener("pointercancel", cancel);
      window.removeEventListener("keydown", key, { capture: true });
    };
  }, [held]);

  const start = (event: HandleEvent<HTMLElement>, node: FilterNode) => {
    if (isReadOnly || event.button !== 0 || !event.isPrimary) return;
    setHeld({ node, pointer: event.pointerId, x: event.clientX, y: event.clientY });
  };

  return { start, drag, ghost };
}
