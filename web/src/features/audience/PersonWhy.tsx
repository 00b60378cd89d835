/** Each condition with met or not met and what the contact holds; then whether each channel reaches them. */
import { Text, Title } from "@mantine/core";
import { IconCircleCheck, IconCircleX } from "@tabler/icons-react";
import type { ReactNode } from "react";
import { useNames } from "@/api/named";
import { explained, type Explained } from "@/lib/filter/why";
import { emailReasonWords, reasonWords } from "@/lib/reasons";
import type { AudienceFields, Group, Why } from "@/api/types";
import { usePerson } from "@/ui/People";
import classes from "./Person.module.css";

interface PersonWhyProps {
  filter: Group;
  why: Why;
  words: AudienceFields;
}

export function PersonWhy({ filter, why, words }: PersonWhyProps) {
  const nameOf = useNames(filter);
  const { parts } = explained(filter, why, words, nameOf);
  return (
    <>
      <Verdict isGood={why.matches}>
        <strong>{why.matches ? "In the audience" : "Not in the audience"}</strong>
      </Verdict>
      <section aria-label="Conditions">
        <Title order={3} mb={4}>
          {{ all: "All of these have to be met", any: "One of these has to be met", none: "None of these may be met" }[filter.match]}
        </Title>
        {parts.length === 0 ? <Text c="dimmed">There are no conditions: every contact matches.</Text> : <Parts parts={parts} />}
      </section>
      <section aria-label="Channels" className={classes["channels"]}>
        <Title order={3}>Reachable</Title>
        <Channel channel="SMS" reached={why.sms} reason={why.sms.reason === null ? null : reasonWords(why.sms.reason)} />
        <Channel channel="Email" reached={why.email} reason={why.email.reason === null ? null : emailReasonWords(why.email.reason)} />
      </section>
    </>
  );
}

function Verdict({ isGood, children }: { isGood: boolean; children: ReactNode }) {
  const Mark = isGood ? IconCircleCheck : IconCircleX;
  return (
    <div className={classes["verdict"]} data-good={isGood || undefined}>
      <Mark size={18} aria-hidden />
      <div>{children}</div>
    </div>
  );
}

function Parts({ parts }: { parts: Explained[] }) {
  return (
    <ul className={classes["parts"]}>
      {parts.map((part) => (
        <li key={part.pointer}>
          <Verdict isGood={part.met !== part.isUnwanted}>
            {part.said}
            <Text span size="xs" c="dimmed" display="block">
              {metWord(part)}
              {part.holds !== null && ` · holds ${part.holds}`}
            </Text>
          </Verdict>
          {part.parts.length > 0 && <Parts parts={part.parts} />}
        </li>
      ))}
    </ul>
  );
}

function metWord({ met, isUnwanted }: Explained): string {
  if (isUnwanted) return met ? "Met, which keeps them out" : "Not met, as it has to be";
  return met ? "Met" : "Not met";
}

interface ChannelProps {
  channel: "SMS" | "Email";
  reached: Why["sms"] | Why["email"];
  reason: { label: string; explanation: string } | null;
}

function Channel({ channel, reached, reason }: ChannelProps) {
  const { openPerson } = usePerson();
  const { kept_by: keeper } = reached;
  if (reason === null) {
    return <Verdict isGood={reached.reachable}>{reached.reachable ? `${channel}: reachable` : `${channel}: could be reached, but does not match`}</Verdict>;
  }
  return (
    <Verdict isGood={false}>
      {channel}: {reason.label.toLowerCase()}
      <Text span size="xs" c="dimmed" display="block">
        {keeper === null ? (
          reason.explanation
        ) : (
          <>
            It goes to{" "}
            <button type="button" className="number-link" onClick={() => openPerson(keeper.id)}>
              {keeper.name || "another contact"}
            </button>
            , who has the same {channel === "SMS" ? "number" : "address"}.
          </>
        )}
      </Text>
    </Verdict>
  );
}
