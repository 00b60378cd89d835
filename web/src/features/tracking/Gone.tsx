/** Who has left the sequence before its end, and why. */
import { Title } from "@mantine/core";
import { useDraft } from "@/api/useDraft";
import { count } from "@/lib/format";
import { leftReasonWord } from "@/lib/people";
import type { Tracking } from "@/api/types";
import { usePeople } from "@/ui/People";
import classes from "./Tracking.module.css";

export function Gone({ left }: { left: Tracking["left"] }) {
  const { broadcast } = useDraft();
  const { open } = usePeople();
  const some = left.filter(({ contacts }) => contacts > 0);
  if (some.length === 0 || broadcast.steps.length < 2) return null;
  const all = some.reduce((sum, { contacts }) => sum + contacts, 0);
  return (
    <section className={classes["box"]} aria-label="Left the sequence">
      <ul className={classes["inline"]}>
        <li>
          <Title order={2}>{count(all)} left the sequence</Title>
        </li>
        {some.map(({ reason, contacts }) => (
          <li key={reason}>
            <button type="button" className="number-link" onClick={() => open(`gone.${reason}`)} aria-label={`${leftReasonWord(reason)} ${count(contacts)}, show the people`}>
              {leftReasonWord(reason)} <span className="figure">{count(contacts)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
