/** Parts of a whole as one bar; the numbers stand beside it, so it is decoration for screen readers. */
import classes from "./Bar.module.css";

export interface BarPart {
  id: string;
  value: number;
  tone: "good" | "bad" | "care" | "wait" | "accent" | "skip";
}

export function Bar({ parts, whole, height = 8 }: { parts: BarPart[]; whole: number; height?: number }) {
  return (
    <div className={classes["bar"]} style={{ height }} aria-hidden>
      {parts.map(({ id, value, tone }) => (
        <span
          key={id}
          className={classes["part"]}
          data-tone={tone}
          style={{ width: whole > 0 ? `${(value / whole) * 100}%` : 0, minWidth: value > 0 ? 2 : 0 }}
        />
      ))}
    </div>
  );
}
