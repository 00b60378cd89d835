/** Whether a segment is always current or holds the people as they were: a word and an icon. */
import { IconAlertTriangle, IconRefresh, IconSnowflake } from "@tabler/icons-react";
import type { Segment } from "@/api/segments";
import classes from "./Segments.module.css";

type Told = Pick<Segment, "kind" | "freezing" | "problem">;

export function Kind({ segment: { kind, freezing, problem } }: { segment: Told }) {
  const Mark = kind === "frozen" ? IconSnowflake : IconRefresh;
  const word = freezing === "saving" ? "Freezing" : kind === "frozen" ? "Frozen" : "Dynamic";
  return (
    <span className={classes["kinds"]}>
      <span className={classes["kind"]} title={kind === "frozen" ? "Holds the people as they were" : "Always who matches now"}>
        <Mark size={14} aria-hidden />
        {word}
      </span>
      {problem !== null && (
        <span className={classes["kind"]} data-bad title={problem}>
          <IconAlertTriangle size={14} aria-hidden />
          Cannot be read
        </span>
      )}
    </span>
  );
}
