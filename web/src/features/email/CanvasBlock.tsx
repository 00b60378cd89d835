/** One block on the page: pressed it is chosen, and then has its handle and what can be done with it. */
import { useDraggable } from "@dnd-kit/core";
import { ActionIcon } from "@mantine/core";
import { IconArrowDown, IconArrowUp, IconCopy, IconGripVertical, IconTrash, type Icon } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { BlockView, footerLook, FooterEnd } from "./BlockView";
import { spokenBlock, type Block } from "./document";
import type { Dragged } from "./dragging";
import { stepTo } from "./edit";
import { useEditing } from "./editing";
import { Options } from "./Options";
import { RichText } from "./RichText";
import classes from "./Canvas.module.css";

export function CanvasBlock({ block, children }: { block: Block; children: ReactNode }) {
  const { document, labelOf, selected, select, isReadOnly, isNarrow, faultOf } = useEditing();
  const isChosen = selected === block.id;
  const said = spokenBlock(block);
  const fault = faultOf(block.id);
  const isWritten = isChosen && !isReadOnly && (block.type === "text" || block.type === "footer");
  return (
    <div className={classes["block"]} data-block={block.id} data-type={block.type} data-chosen={isChosen || undefined} data-fault={fault !== undefined || undefined} role="group" aria-label={said}>
      {!isReadOnly && <BlockBar block={block} isChosen={isChosen} />}
      {isWritten ? (
        <Written block={block} />
      ) : block.type === "columns" ? (
        <>
          <button type="button" className={classes["rowName"]} data-act="select" aria-pressed={isChosen} onClick={() => select(block.id)}>
            {said}
          </button>
          {children}
        </>
      ) : (
        <div className={classes["view"]}>
          <div aria-hidden inert>
            <BlockView block={block} style={document.style} labelOf={labelOf} />
          </div>
          <button type="button" className={classes["cover"]} data-act="select" aria-pressed={isChosen} aria-label={said} onClick={() => select(block.id)} />
        </div>
      )}
      {fault !== undefined && <p className={classes["fault"]}>{fault}</p>}
      {isNarrow && isChosen && !isReadOnly && (
        <div className={classes["under"]}>
          <Options block={block} />
        </div>
      )}
    </div>
  );
}

function Written({ block }: { block: Extract<Block, { type: "text" | "footer" }> }) {
  const { change, document } = useEditing();
  return (
    <div style={{ textAlign: block.align }}>
      <RichText key={block.id} html={block.html} name={block.type === "text" ? "Text" : "Footer"} style={document.style} isSmall={block.type === "footer"} onChange={(html) => change(block.id, { html }, "html")} />
      {block.type === "footer" && (
        <div className={`${classes["content"] ?? ""} ${classes["rich"] ?? ""}`} style={footerLook}>
          <FooterEnd linkColor={document.style.link_color} />
        </div>
      )}
    </div>
  );
}

function BlockBar({ block, isChosen }: { block: Block; isChosen: boolean }) {
  const { document, step, duplicate, remove } = useEditing();
  const dragged: Dragged = { kind: "block", block };
  const { setNodeRef, attributes, listeners, isDragging } = useDraggable({ id: block.id, data: { dragged }, attributes: { roleDescription: "draggable block" } });
  const said = spokenBlock(block);
  const isPossible = (direction: "up" | "down") => stepTo(document, block.id, direction) !== undefined;
  return (
    <div className={classes["bar"]} data-dragging={isDragging || undefined}>
      <ActionIcon ref={setNodeRef} className={classes["handle"]} variant="default" size="md" {...attributes} {...listeners} data-act="handle" aria-label={`Move ${said}`} title="Drag to move">
        <IconGripVertical size={16} aria-hidden />
      </ActionIcon>
      {isChosen && (
        <>
          <BarButton act="up" icon={IconArrowUp} name={`Move up: ${said}`} isOff={!isPossible("up")} onClick={() => step(block, "up")} />
          <BarButton act="down" icon={IconArrowDown} name={`Move down: ${said}`} isOff={!isPossible("down")} onClick={() => step(block, "down")} />
          <BarButton act="duplicate" icon={IconCopy} name={`Duplicate ${said}`} onClick={() => duplicate(block)} />
          <BarButton act="remove" icon={IconTrash} name={`Remove ${said}`} onClick={() => remove(block)} />
        </>
      )}
    </div>
  );
}

interface BarButtonProps {
  act: string;
  icon: Icon;
  name: string;
  isOff?: boolean;
  onClick: () => void;
}

/** Stays reachable when there is nothing to do, so that the focus is not lost at the ends. */
function BarButton({ act, icon: Mark, name, isOff = false, onClick }: BarButtonProps) {
  return (
    <ActionIcon variant="default" size="md" data-act={act} aria-label={name} title={name} aria-disabled={isOff} data-disabled={isOff || undefined} onClick={() => !isOff && onClick()}>
      <Mark size={16} aria-hidden />
    </ActionIcon>
  );
}
