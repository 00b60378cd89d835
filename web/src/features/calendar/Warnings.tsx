/** Everything on these days that somebody who plans should know, in sentences. */
import { Button, Text, Title } from "@mantine/core";
import { useState } from "react";
import { useOverlap } from "@/api/calendar";
import { fullNameOf, warningsListed, type Listed } from "@/lib/calendar/items";
import { count, countOf } from "@/lib/format";
import { wallSaid } from "@/lib/calendar/move";
import type { CalendarStep } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { TextLink } from "@/ui/links";
import classes from "./Calendar.module.css";

const SHOWN = 8;

export const WARNINGS_ID = "calendar-warnings";

export function Warnings({ steps }: { steps: CalendarStep[] }) {
  const [isAll, setAll] = useState(false);
  const listed = warningsListed(steps);
  if (listed.length === 0) return null;
  const shown = isAll ? listed : listed.slice(0, SHOWN);
  return (
    <section className={classes["warnings"]} aria-labelledby={WARNINGS_ID}>
      <Title order={2} id={WARNINGS_ID} tabIndex={-1}>
        {countOf(listed.length, "warning")}
      </Title>
      <ul>
        {shown.map(({ step, warning }) => (
          <li key={`${step.step_id} ${warning.kind} ${warning.detail}`}>
            <OneWarning step={step} warning={warning} />
          </li>
        ))}
      </ul>
      {listed.length > shown.length && (
        <Button variant="default" size="xs" onClick={() => setAll(true)}>
          Show all {count(listed.length)} warnings
        </Button>
      )}
    </section>
  );
}

function OneWarning({ step, warning }: Listed) {
  return (
    <Notice kind="care">
      <TextLink to="/broadcasts/$id/schedule" params={{ id: step.broadcast_id }} fw={550}>
        {fullNameOf(step)}
      </TextLink>
      , {wallSaid(step.shown)}: {warning.detail}
      {warning.others
        .filter(({ can_compare: canCompare }) => canCompare)
        .map((other) => (
          <Both key={other.step_id} step={step.step_id} other={other.step_id} name={other.broadcast_name} />
        ))}
    </Notice>
  );
}

function Both({ step, other, name }: { step: string; other: string; name: string }) {
  const { data } = useOverlap(step, other);
  if (data === undefined || data.people === null) return null;
  const people = data.people === 0 ? "Nobody gets" : `${data.exact ? "" : "At least "}${countOf(data.people, "person gets", "people get")}`;
  return (
    <Text span display="block">
      {data.people === 0 && !data.exact ? "Of 50,000 people who were compared nobody gets" : people} both this and “{name || "Untitled broadcast"}”.
    </Text>
  );
}
