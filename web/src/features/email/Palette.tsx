/** The kinds of blocks: pressed, one is added after the chosen block; dragged, where it is put down. */
import { useDraggable } from "@dnd-kit/core";
import {
  IconBoxAlignBottom, IconClick, IconCode, IconColumns2, IconHeading, IconLetterCase, IconLineDashed, IconPhoto, IconShare, IconSpacingVertical, type Icon,
} from "@tabler/icons-react";
import { blockNames, blockTypes, MOST_BLOCKS, type BlockType } from "./document";
import type { Dragged } from "./dragging";
import { everyBlock } from "./edit";
import { useEditing } from "./editing";
import classes from "./Panel.module.css";

const icons: Record<BlockType, Icon> = {
  heading: IconHeading,
  text: IconLetterCase,
  image: IconPhoto,
  button: IconClick,
  columns: IconColumns2,
  divider: IconLineDashed,
  spacer: IconSpacingVertical,
  social: IconShare,
  html: IconCode,
  footer: IconBoxAlignBottom,
};

export function Palette() {
  const { document } = useEditing();
  const isFull = everyBlock(document).length >= MOST_BLOCKS;
  return (
    <div className={classes["palette"]} data-palette role="group" aria-label="Add a block">
      {blockTypes.map((type) => (
        <PaletteButton key={type} type={type} isOff={isFull} />
      ))}
      {isFull && <p className={classes["full"]}>An email has {MOST_BLOCKS} blocks at most.</p>}
    </div>
  );
}

function PaletteButton({ type, isOff }: { type: BlockType; isOff: boolean }) {
  const { add } = useEditing();
  const dragged: Dragged = { kind: "new", type };
  // By keyboard it is pressed, and the block is moved from there.
  const { setNodeRef, listeners } = useDraggable({ id: `new ${type}`, data: { dragged }, disabled: isOff });
  const Mark = icons[type];
  return (
    <button ref={setNodeRef} type="button" className={classes["kind"]} disabled={isOff} onPointerDown={(event) => void listeners?.["onPointerDown"]?.(event)} onClick={() => add(type)}>
      <Mark size={20} stroke={1.6} aria-hidden />
      {blockNames[type]}
    </button>
  );
}
