/** A message as it looks on a phone. */
import classes from "./Bubble.module.css";

export function Bubble({ text, isStale = false }: { text: string; isStale?: boolean }) {
  return (
    <div className={classes["bubble"]} data-stale={isStale || undefined}>
      {text}
    </div>
  );
}
