/** The page with its blocks as they will look; a block that is pressed is chosen. */
import { useDroppable } from "@dnd-kit/core";
import { Button } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { CanvasBlock } from "./CanvasBlock";
import type { Block, ColumnsBlock } from "./document";
import { gapId } from "./dragging";
import type { List, Place } from "./edit";
import { useEditing } from "./editing";
import { fonts, FooterEnd, footerLook } from "./BlockView";
import classes from "./Canvas.module.css";

export function Canvas() {
  const { document, isReadOnly } = useEditing();
  const { style, blocks } = document;
  return (
    <div className={classes["page"]} style={{ background: style.background, color: style.text_color, fontFamily: fonts[style.font] }} role="group" aria-label="Email">
      <div className={classes["paper"]} style={{ maxWidth: style.width, background: style.content_background }}>
        <BlockList list="page" blocks={blocks} />
        {blocks.length === 0 && <p className={classes["nothing"]}>{isReadOnly ? "This email has no blocks." : "Add the first block."}</p>}
        {!blocks.some(({ type }) => type === "footer") && (
          <div className={`${classes["content"] ?? ""} ${classes["rich"] ?? ""}`} style={{ ...footerLook, textAlign: "center" }}>
            <FooterEnd linkColor={style.link_color} />
          </div>
        )}
      </div>
    </div>
  );
}

function BlockList({ list, blocks }: { list: List; blocks: Block[] }) {
  return (
    <>
      <Gap place={{ list, index: 0 }} />
      {blocks.map((block, index) => (
        <div key={block.id}>
          <CanvasBlock block={block}>{block.type === "columns" && <Columns block={block} />}</CanvasBlock>
          <Gap place={{ list, index: index + 1 }} />
        </div>
      ))}
    </>
  );
}

/** A line that shows while something would be put down there. */
function Gap({ place }: { place: Place }) {
  const { setNodeRef, isOver } = useDroppable({ id: gapId(place), data: { place } });
  return (
    <div ref={setNodeRef} className={classes["gap"]} aria-hidden>
      {isOver && <div className={classes["line"]} />}
    </div>
  );
}

function Columns({ block }: { block: ColumnsBlock }) {
  const { add, isReadOnly } = useEditing();
  return (
    <div className={classes["columns"]}>
      {block.columns.map(({ width, blocks }, column) => (
        <div key={column} className={classes["column"]} style={{ flexBasis: `${width}%` }} role="group" aria-label={`Column ${column + 1}`}>
          <BlockList list={{ block: block.id, column }} blocks={blocks} />
          {blocks.length === 0 && !isReadOnly && (
            <Button
              variant="subtle"
              color="dark.9"
              size="compact-md"
              fullWidth
              leftSection={<IconPlus size={16} aria-hidden />}
              aria-label={`Add text to column ${column + 1}`}
              onClick={() => add("text", { list: { block: block.id, column }, index: 0 })}
            >
              Text
            </Button>
          )}
        </div>
      ))}
    </div>
  );
}
