/** Beside the page: what can be added, the options of the chosen block, the style. */
import { SegmentedControl, Text } from "@mantine/core";
import { useState } from "react";
import { findBlock } from "./edit";
import { useEditing } from "./editing";
import { Options } from "./Options";
import { Palette } from "./Palette";
import { StyleOptions } from "./StyleOptions";
import classes from "./Panel.module.css";

type Shown = "blocks" | "options" | "style";

const parts: { value: Shown; label: string }[] = [
  { value: "blocks", label: "Add" },
  { value: "options", label: "Options" },
  { value: "style", label: "Style" },
];

export function Panel() {
  const { document, selected, isNarrow } = useEditing();
  const [shown, setShown] = useState<Shown>(selected === null ? "blocks" : "options");
  const [before, setBefore] = useState(selected);
  // Choosing a block opens its options; without one there are none.
  if (before !== selected) {
    setBefore(selected);
    setShown(selected === null ? "blocks" : "options");
  }
  const block = selected === null ? undefined : findBlock(document, selected);
  const offered = isNarrow ? parts.filter(({ value }) => value !== "options") : parts;
  const open = isNarrow && shown === "options" ? "blocks" : shown;
  return (
    <div className={classes["panel"]} data-narrow={isNarrow || undefined} role="group" aria-label="Blocks and options">
      <SegmentedControl fullWidth size="xs" aria-label="Show" data={offered} value={open} onChange={setShown} />
      {open === "blocks" && <Palette />}
      {open === "style" && <StyleOptions />}
      {open === "options" &&
        (block === undefined ? <Text c="dimmed">Choose a block on the page to change it.</Text> : <Options block={block} />)}
    </div>
  );
}
