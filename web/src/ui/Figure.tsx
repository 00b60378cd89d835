/** A number that may move: tabular, dimmed while it is stale, never blanked. */
import { useReducedMotion } from "@mantine/hooks";
import { useEffect, useRef } from "react";
import { count } from "@/lib/format";

interface FigureProps {
  value: number | null;
  isStale?: boolean;
  format?: (value: number) => string;
}

const COUNT_MS = 240;
const SMALL_CHANGE = 0.05;

export function Figure({ value, isStale = false, format = count }: FigureProps) {
  const element = useRef<HTMLSpanElement>(null);
  const shown = useRef(value);
  const isStill = useReducedMotion();

  useEffect(() => {
    const target = element.current;
    const from = shown.current;
    shown.current = value;
    if (target === null || value === null || from === null || from === value || isStill) return;
    if (Math.abs(value - from) > Math.max(3, Math.abs(from) * SMALL_CHANGE)) return;
    const start = performance.now();
    let frame = requestAnimationFrame(function step(now) {
      // The time of a frame is when it was begun, which may be before this.
      const done = Math.min(1, Math.max(0, (now - start) / COUNT_MS));
      target.textContent = format(Math.round(from + (value - from) * done));
      if (done < 1) frame = requestAnimationFrame(step);
    });
    return () => {
      cancelAnimationFrame(frame);
      target.textContent = format(value);
    };
  }, [value, isStill, format]);

  return (
    <span ref={element} className="figure" data-stale={isStale || undefined}>
      {value === null ? "–" : format(value)}
    </span>
  );
}

export function Amount({ children, isStale = false }: { children: string; isStale?: boolean }) {
  return (
    <span className="figure" data-stale={isStale || undefined}>
      {children}
    </span>
  );
}
