/** Undo and redo, also by keyboard while no text has the focus. */
import { ActionIcon } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { useEffect, useEffectEvent, type RefObject } from "react";
import classes from "./Editor.module.css";

interface HistoryButtonsProps {
  root: RefObject<HTMLElement | null>;
  undo: () => void;
  redo: () => void;
  undoable: string | undefined;
  redoable: string | undefined;
}

const isMac = /Mac|iPhone|iPad/.test(navigator.userAgent);

export function HistoryButtons({ root, undo, redo, undoable, redoable }: HistoryButtonsProps) {
  const onKey = useEffectEvent((event: KeyboardEvent) => {
    const { target } = event;
    if (!(event.ctrlKey || event.metaKey) || event.altKey || !(target instanceof Element)) return;
    // Fields have an undo of their own.
    if (target.matches("input, textarea, [contenteditable=true]") || target.closest('[role="dialog"]') !== null) return;
    if (target !== document.body && root.current?.contains(target) !== true) return;
    const key = event.key.toLowerCase();
    if (key !== "z" && key !== "y") return;
    event.preventDefault();
    if (key === "y" || event.shiftKey) redo();
    else undo();
  });
  useEffect(() => {
    const listen = (event: KeyboardEvent) => onKey(event);
    window.addEventListener("keydown", listen);
    return () => window.removeEventListener("keydown", listen);
  }, []);
  return (
    <div className={classes["history"]}>
      <HistoryButton isUndo what={undoable} onClick={undo} />
      <HistoryButton isUndo={false} what={redoable} onClick={redo} />
    </div>
  );
}

/** Stays reachable when there is nothing to do, so that the focus is not lost with the last step back. */
function HistoryButton({ isUndo, what, onClick }: { isUndo: boolean; what: string | undefined; onClick: () => void }) {
  const name = isUndo ? "Undo" : "Redo";
  const keys = `${isMac ? "⌘" : "Ctrl+"}${isUndo ? "" : isMac ? "⇧" : "Shift+"}Z`;
  return (
    <ActionIcon
      variant="subtle"
      color="gray"
      size="lg"
      aria-label={what === undefined ? name : `${name}: ${what}`}
      title={`${name} (${keys})`}
      aria-disabled={what === undefined}
      data-disabled={what === undefined || undefined}
      onClick={() => what !== undefined && onClick()}
    >
      {isUndo ? <IconArrowBackUp size={18} aria-hidden /> : <IconArrowForwardUp size={18} aria-hidden />}
    </ActionIcon>
  );
}
