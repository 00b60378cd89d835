/** The filter builder: conditions in groups, found by typing, moved by drag or keyboard, undone and redone. */
import { ActionIcon, VisuallyHidden } from "@mantine/core";
import { IconArrowBackUp, IconArrowForwardUp } from "@tabler/icons-react";
import { redoable, undoable } from "@/lib/filter/history";
import { DraggingContext, EditingContext } from "./catalogue";
import { GroupEditor } from "./GroupEditor";
import { useDrag } from "./useDrag";
import type { FilterEditing } from "./useFilterEditing";
import { isMac, useShortcuts } from "./useShortcuts";
import classes from "./Builder.module.css";

interface BuilderProps {
  editing: FilterEditing;
  /** What the server says, by the id of the part. */
  faults: Map<string, string>;
}

export function Builder({ editing: { state, editing, undo, redo, spoken, root }, faults }: BuilderProps) {
  const { tree, isReadOnly, act, step, said } = editing;
  const { start, drag, ghost } = useDrag({ root, tree, isReadOnly, act });
  useShortcuts({ root, isOn: !isReadOnly, undo, redo, step });

  const drop = drag?.drop ?? null;
  const dragging = { part: drag?.node.id ?? null, partner: drop?.kind === "with" ? drop.partner.id : null, start };
  return (
    <EditingContext value={{ ...editing, faultOf: (id) => faults.get(id) }}>
      <DraggingContext value={dragging}>
        <section ref={root} aria-label="Filter" className={classes["filter"]} data-dragging={drag !== null || undefined}>
          {!isReadOnly && (
            <div className={classes["history"]}>
              <HistoryButton isUndo what={undoable(state)} onClick={undo} />
              <HistoryButton isUndo={false} what={redoable(state)} onClick={redo} />
            </div>
          )}
          <GroupEditor group={tree} depth={1} />
          {drop?.kind === "place" && <div className={classes["line"]} style={drag?.line} aria-hidden />}
          {drag !== null && (
            <div ref={ghost} className={classes["ghost"]} aria-hidden>
              {drop?.kind === "with" ? "Group both: " : ""}
              {said(drag.node)}
            </div>
          )}
          <VisuallyHidden role="status" aria-live="assertive">
            {spoken}
          </VisuallyHidden>
        </section>
      </DraggingContext>
    </EditingContext>
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
