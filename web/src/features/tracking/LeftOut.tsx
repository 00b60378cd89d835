/** Who matched and got no message, by reason. */
import { Title } from "@mantine/core";
import { count } from "@/lib/format";
import { anyReasonWords, inOrder, leftOutTotal } from "@/lib/reasons";
import type { AnyLeftOutCount } from "@/api/types";
import { peopleOf } from "@/lib/people";
import { usePeople } from "@/ui/People";
import classes from "./Tracking.module.css";

export function LeftOut({ counts }: { counts: AnyLeftOutCount[] }) {
  const { open } = usePeople();
  const reasons = inOrder(counts);
  if (reasons.length === 0) return null;
  return (
    <section className={classes["box"]} aria-label="Left out">
      <ul className={classes["inline"]}>
        <li>
          <Title order={2}>{count(leftOutTotal(counts))} left out</Title>
        </li>
        {reasons.map(({ reason, contacts }) => (
          <li key={reason}>
            <button type="button" className="number-link" onClick={() => open(peopleOf(reason))} aria-label={`${anyReasonWords(reason).label} ${count(contacts)}, show the people`}>
              {anyReasonWords(reason).label} <span className="figure">{count(contacts)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
