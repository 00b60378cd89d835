/** The characters that force UCS-2: what they cost over the whole audience, and all of them replaced at once. */
import { Button } from "@mantine/core";
import { characterSaid, dearerSaid } from "@/lib/smsCost";
import type { SmsChecked } from "@/api/types";
import { Notice } from "@/ui/Notice";
import type { StepFigures } from "./MessageFigures";
import classes from "./Compose.module.css";

const SHOWN = 8;

interface CharacterCostProps {
  check: SmsChecked | undefined;
  figures: StepFigures | undefined;
  isStale: boolean;
  /** Null where nothing says the same in plain characters. */
  onReplace: (() => void) | null;
  onUndo: (() => void) | null;
}

export function CharacterCost({ check, figures, isStale, onReplace, onUndo }: CharacterCostProps) {
  const forcing = check?.forcing ?? [];
  if (forcing.length === 0) {
    return onUndo === null ? null : (
      <Notice
        kind="info"
        action={
          <Button size="xs" variant="default" onClick={onUndo}>
            Undo
          </Button>
        }
      >
        All characters are plain now.
      </Notice>
    );
  }
  const dearer = figures?.dearer ?? null;
  const hasEmoji = forcing.some((each) => each.is_emoji);
  return (
    <Notice
      kind="care"
      action={
        onReplace !== null && (
          <Button size="xs" variant="default" onClick={onReplace}>
            {hasEmoji ? "Replace all, without emoji" : "Replace all"}
          </Button>
        )
      }
    >
      {forcing.slice(0, SHOWN).map((each) => (
        <code key={each.character} className={classes["character"]} title={each.replacement === null || each.replacement === "" ? each.name : `${each.name}, replaced by ${each.replacement}`}>
          {characterSaid(each)}
        </code>
      ))}
      {forcing.length > SHOWN && `and ${forcing.length - SHOWN} more `}
      <span data-stale={isStale || undefined} className="figure">
        {dearer !== null && figures !== undefined
          ? `${dearerSaid(dearer, forcing.length, figures.exact)}.`
          : `${forcing.length === 1 ? "makes" : "make"} this UCS-2: 70 characters fit into a segment instead of 160.`}
      </span>
    </Notice>
  );
}
