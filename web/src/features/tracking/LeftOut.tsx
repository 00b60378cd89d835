/** Who matched and got no message, by reason; of two channels each for itself. */
import { Title } from "@mantine/core";
import { useDraft } from "@/api/useDraft";
import { count } from "@/lib/format";
import { inOrder, leftOutTotal, wordsOf } from "@/lib/reasons";
import type { AnyLeftOutCount, Tracking } from "@/api/types";
import { peopleOf } from "@/lib/people";
import { usePeople } from "@/ui/People";
import classes from "./Tracking.module.css";

type Channel = "sms" | "email";

export function LeftOut({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  if (broadcast.broadcast_type !== "sms_email") {
    return <OfChannel channel={broadcast.broadcast_type} counts={tracking.left_out} name="Left out" said="left out" />;
  }
  return tracking.channels.map(({ channel, left_out: counts }) => {
    const said = channel === "sms" ? "not reached by SMS" : "not reached by email";
    return <OfChannel key={channel} channel={channel} counts={counts} name={channel === "sms" ? "Not reached by SMS" : "Not reached by email"} said={said} />;
  });
}

function OfChannel({ channel, counts, name, said }: { channel: Channel; counts: AnyLeftOutCount[]; name: string; said: string }) {
  const { open } = usePeople();
  const reasons = inOrder(counts);
  if (reasons.length === 0) return null;
  return (
    <section className={classes["box"]} aria-label={name}>
      <ul className={classes["inline"]}>
        <li>
          <Title order={2}>
            {count(leftOutTotal(counts))} {said}
          </Title>
        </li>
        {reasons.map(({ reason, contacts }) => {
          const { label } = wordsOf(reason, channel);
          return (
            <li key={reason}>
              <button type="button" className="number-link" onClick={() => open(peopleOf(reason, channel))} aria-label={`${label} ${count(contacts)}, show the people`}>
                {label} <span className="figure">{count(contacts)}</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
}
