/** From all contacts through each condition to those who match, and on to those whom a channel reaches. */
import { SegmentedControl, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useNames } from "@/api/named";
import { count } from "@/lib/format";
import type { People } from "@/lib/people";
import { channelFalls, conditionFalls, type Fall } from "@/lib/waterfall";
import type { AudienceFields, Group, Waterfall as Falls } from "@/api/types";
import { Figure } from "@/ui/Figure";
import { usePeople } from "@/ui/People";
import classes from "./Waterfall.module.css";

type Channel = "sms" | "email";

interface WaterfallProps {
  waterfall: Falls;
  filter: Group;
  words: AudienceFields;
  isStale: boolean;
  /** The channel that is shown at first. */
  first?: Channel;
}

export function Waterfall({ waterfall, filter, words, isStale, first = "sms" }: WaterfallProps) {
  const [channel, setChannel] = useState<Channel>(first);
  const nameOf = useNames(filter);
  const { total, matched } = waterfall;
  const conditions = conditionFalls(waterfall, filter, words, nameOf);
  const reasons = channelFalls(waterfall, channel);
  const reached = reasons.at(-1)?.left ?? matched;
  const reachedPeople: People = channel === "sms" ? "reachable" : "email.reachable";
  return (
    <>
      <section aria-label="Who matches" className={classes["box"]}>
        <Title order={2}>Who matches</Title>
        <Table label="From all contacts to those who match" whole={total} isStale={isStale} falls={conditions} before={{ label: "All contacts", value: total, people: "everyone" }} after={{ label: "Matched", value: matched, people: "matched" }} />
      </section>
      <section aria-label="Whom it reaches" className={classes["box"]}>
        <div className={classes["head"]}>
          <Title order={2}>{channel === "sms" ? "Whom an SMS reaches" : "Whom an email reaches"}</Title>
          <SegmentedControl
            aria-label="Channel"
            data={[
              { value: "sms", label: "SMS" },
              { value: "email", label: "Email" },
            ]}
            value={channel}
            onChange={(next) => setChannel(next === "email" ? "email" : "sms")}
          />
        </div>
        <Table key={channel} label={`From those who match to those whom ${channel === "sms" ? "an SMS" : "an email"} reaches`} whole={matched} isStale={isStale} falls={reasons} before={{ label: "Matched", value: matched, people: "matched" }} after={{ label: channel === "sms" ? "Reachable by SMS" : "Reachable by email", value: reached, people: reachedPeople }} />
      </section>
    </>
  );
}

interface End {
  label: string;
  value: number;
  people: People;
}

interface TableProps {
  label: string;
  whole: number;
  falls: Fall[];
  before: End;
  after: End;
  isStale: boolean;
}

function Table({ label, whole, falls, before, after, isStale }: TableProps) {
  const { open } = usePeople();
  const number = (value: number, said: string, people: People | undefined, sign = "") =>
    value === 0 || people === undefined ? (
      <>
        {value > 0 && sign}
        <Figure value={value} isStale={isStale} />
      </>
    ) : (
      <button type="button" className="number-link" onClick={() => open(people)} aria-label={`${said}, show the people`}>
        {sign}
        <Figure value={value} isStale={isStale} />
      </button>
    );
  const end = ({ label: name, value, people }: End) => (
    <tr role="row" className={classes["end"]}>
      <th role="rowheader" scope="row">{name}</th>
      <td role="cell" className={classes["barCell"]}>
        <Fallen whole={whole} left={value} lost={0} />
      </td>
      <td role="cell" className={classes["lost"]} />
      <td role="cell" className={classes["left"]}>{number(value, `${count(value)} ${name}`, people)}</td>
    </tr>
  );
  return (
    <table role="table" className={classes["table"]} aria-label={label}>
      <thead role="rowgroup">
        <tr role="row">
          <th role="columnheader" scope="col">Step</th>
          <td role="cell" />
          <th role="columnheader" scope="col">Out</th>
          <th role="columnheader" scope="col">Left</th>
        </tr>
      </thead>
      <tbody role="rowgroup">
        {end(before)}
        {falls.map((fall) => (
          <tr key={fall.id} role="row" data-zero={fall.lost === 0 || undefined}>
            <th role="rowheader" scope="row">
              {fall.label}
              {fall.explanation !== undefined && (
                <Text span size="xs" c="dimmed" display="block">
                  {fall.explanation}
                </Text>
              )}
            </th>
            <td role="cell" className={classes["barCell"]}>
              <Fallen whole={whole} left={fall.left} lost={fall.lost} />
            </td>
            <td role="cell" className={classes["lost"]}>{number(fall.lost, `${fall.leftPeople === undefined ? fall.label : `Out at “${fall.label}”:`} ${count(fall.lost)}`, fall.lostPeople, "−")}</td>
            <td role="cell" className={classes["left"]}>{number(fall.left, `Left after “${fall.label}”: ${count(fall.left)}`, fall.leftPeople)}</td>
          </tr>
        ))}
        {end(after)}
      </tbody>
    </table>
  );
}

/** What is left, and beside it what this step took; the numbers stand in the same row. */
function Fallen({ whole, left, lost }: { whole: number; left: number; lost: number }) {
  const part = (value: number) => (whole > 0 ? `${(value / whole) * 100}%` : "0%");
  return (
    <div className={classes["bar"]} aria-hidden>
      <span className={classes["barLeft"]} style={{ width: part(left), minWidth: left > 0 ? 2 : 0 }} />
      <span className={classes["barLost"]} style={{ width: part(lost), minWidth: lost > 0 ? 2 : 0 }} />
    </div>
  );
}
