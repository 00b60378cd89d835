/** The page beside what can be put on it; where that does not fit, one below the other. */
import { useElementSize } from "@mantine/hooks";
import { Canvas } from "./Canvas";
import { DragArea } from "./DragArea";
import { EditingContext, type Editing } from "./editing";
import { Panel } from "./Panel";
import classes from "./Editor.module.css";

/** Less is too narrow for page and panel side by side. */
const BOTH_PX = 720;

export function Design({ editing }: { editing: Omit<Editing, "isNarrow"> }) {
  const { ref, width } = useElementSize();
  const isNarrow = width > 0 && width < BOTH_PX;
  return (
    <EditingContext value={{ ...editing, isNarrow }}>
      <div ref={ref} className={classes["measured"]}>
        {editing.isReadOnly ? (
          <Canvas />
        ) : (
          <DragArea>
            <div className={classes["design"]} data-narrow={isNarrow || undefined}>
              <Canvas />
              <Panel />
            </div>
          </DragArea>
        )}
      </div>
    </EditingContext>
  );
}
