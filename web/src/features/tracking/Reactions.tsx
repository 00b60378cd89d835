/** What people did with the messages of all steps together. */
import { useDraft } from "@/api/useDraft";
import { count, share } from "@/lib/format";
import type { StepNumbers, Tracking } from "@/api/types";
import { Figure } from "@/ui/Figure";
import classes from "./Tracking.module.css";

const sum = (steps: StepNumbers[], of: "opened" | "clicked" | "replied" | "machine_opened") => steps.reduce((all, step) => all + step[of], 0);

export function Reactions({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  const { steps, delivered } = tracking;
  if (broadcast.broadcast_type === "sms" && broadcast.steps.length < 2) return null;
  const hasEmail = broadcast.broadcast_type !== "sms";
  const byProgram = sum(steps, "machine_opened");
  const shown = [
    ...(hasEmail && broadcast.track_opens ? [{ id: "opened", word: "Opened", value: sum(steps, "opened") }] : []),
    ...(hasEmail && broadcast.track_clicks ? [{ id: "clicked", word: "Clicked", value: sum(steps, "clicked") }] : []),
    { id: "replied", word: "Replied", value: sum(steps, "replied") },
  ];
  return (
    <section aria-label="Reactions" className={classes["box"]}>
      <ul className={classes["reactions"]}>
        {shown.map(({ id, word, value }) => (
          <li key={id}>
            <span>{word}</span>{" "}
            <span className={classes["value"]}>
              <Figure value={value} />
            </span>{" "}
            <span className={classes["explanation"]}>{delivered > 0 ? `${share(value, delivered)} of the delivered` : ""}</span>
          </li>
        ))}
      </ul>
      {byProgram > 0 && <p className={classes["explanation"]}>{count(byProgram)} more were opened by a program only; they may have been read or not.</p>}
    </section>
  );
}
