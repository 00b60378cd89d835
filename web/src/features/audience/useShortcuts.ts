/** Undo and redo from anywhere on the screen; Alt and the arrows move the condition that has the focus. */
import { useEffect, useEffectEvent, type RefObject } from "react";
import type { Step } from "@/lib/filter/moves";

export const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

const steps: Partial<Record<string, Step>> = { ArrowUp: "up", ArrowDown: "down", ArrowRight: "in", ArrowLeft: "out" };

interface Shortcuts {
  root: RefObject<HTMLElement | null>;
  isOn: boolean;
  undo: () => void;
  redo: () => void;
  step: (node: string, step: Step) => void;
}

const isTextField = (element: Element) => element.matches("input, textarea, [contenteditable]");

export function useShortcuts({ root, isOn, undo, redo, step }: Shortcuts) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const { target } = event;
    if (!isOn || event.isComposing || !(target instanceof Element) || root.current === null) return;
    const isHere = root.current.contains(target);
    if (event.altKey && isHere && !isTextField(target)) {
      const wanted = steps[event.key];
      const part = target.closest<HTMLElement>("[data-part]")?.dataset["part"];
      if (wanted === undefined || part === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      step(part, wanted);
      return;
    }
    if (!(event.ctrlKey || event.metaKey) || event.altKey) return;
    // Other fields, and what is typed in the search box, have an undo of their own.
    const hasItsOwn = isTextField(target) && (!isHere || (target instanceof HTMLInputElement && target.role === "combobox" && target.value !== "" && target.closest("[data-value]") === null));
    if (hasItsOwn || target.closest('[role="dialog"]') !== null) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listen, { capture: true });
    return () => window.removeEventListener("keydown", listen, { capture: true });
  }, []);
}
