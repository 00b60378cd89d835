/** Who matched and got no message, by reason. */
import { Title } from "@mantine/core";
import { count } from "@/lib/format";
import { inOrder, leftOutTotal, reasonWords } from "@/lib/reasons";
import type { LeftOutCount } from "@/api/types";
import { usePeople } from "@/ui/People";
import classes from "./Tracking.module.css";

export function LeftOut({ counts }: { counts: LeftOutCount[] }) {
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
            <button type="button" className="number-link" onClick={() => open(reason)} aria-label={`${reasonWords(reason).label} ${count(contacts)}, show the people`}>
              {reasonWords(reason).label} <span className="figure">{count(contacts)}</span>
            </button>
          </li>
        ))}
      </ul>
    </section>
  );
}
