/** The hours in which messages may leave. */
import { Button, Radio, Text, Title } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { IconCheck } from "@tabler/icons-react";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useChangeWorkspace } from "@/api/workspace";
import { zoneWord } from "@/lib/zones";
import type { WorkspaceSettings } from "@/api/types";
import { Notice } from "@/ui/Notice";
import classes from "./Settings.module.css";

const FIRST = { from: "08:00", until: "21:00" };

export function SendingHours({ settings }: { settings: WorkspaceSettings }) {
  const saved = { from: settings.sending_from, until: settings.sending_until };
  const [hasHours, setHasHours] = useState(saved.from !== null);
  const [from, setFrom] = useState(saved.from ?? FIRST.from);
  const [until, setUntil] = useState(saved.until ?? FIRST.until);
  const change = useChangeWorkspace();

  const chosen = hasHours ? { from: from.slice(0, 5), until: until.slice(0, 5) } : { from: null, until: null };
  const isSame = chosen.from === saved.from && chosen.until === saved.until;
  const faults = change.error instanceof ApiProblem ? change.error.faults : [];
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const isElsewhere = change.isError && faultAt("/sending_from") === undefined && faultAt("/sending_until") === undefined;
  const isWrongWay = hasHours && from !== "" && until !== "" && from >= until;
  const fromFault = hasHours && from === "" ? "Give a time." : faultAt("/sending_from");
  const untilFault = hasHours && until === "" ? "Give a time." : isWrongWay ? "It must be later than the beginning, on the same day." : faultAt("/sending_until");
  const fits = fromFault === undefined && untilFault === undefined;
  const edit = (set: () => void) => {
    set();
    change.reset();
  };

  return (
    <form
      className={classes["card"]}
      aria-label="Sending hours"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame && fits) change.mutate({ sending_from: chosen.from, sending_until: chosen.until });
      }}
    >
      <div>
        <Title order={2}>Sending hours</Title>
        <Text c="dimmed">For all broadcasts, also for those that are being sent.</Text>
      </div>
      <Radio.Group label="When may messages leave?" value={hasHours ? "hours" : "any"} onChange={(which) => edit(() => setHasHours(which === "hours"))}>
        <div className={classes["choices"]}>
          <Radio className={classes["choice"]} value="hours" label="Only between these hours" />
          <div className={classes["times"]}>
            <TimeInput className={classes["time"]} label="From" disabled={!hasHours} value={from} error={fromFault} onChange={({ currentTarget: { value } }) => edit(() => setFrom(value))} />
            <TimeInput className={classes["time"]} label="Until" disabled={!hasHours} value={until} error={untilFault} onChange={({ currentTarget: { value } }) => edit(() => setUntil(value))} />
          </div>
          <Radio className={classes["choice"]} value="any" label="At any hour" />
        </div>
      </Radio.Group>
      <Meaning from={chosen.from} until={chosen.until} zone={settings.time_zone} />
      {isElsewhere && (
        <Notice kind="bad" isAlert>
          {inWords(change.error)}
        </Notice>
      )}
      <div className={classes["save"]}>
        <Button type="submit" disabled={isSame || !fits} loading={change.isPending}>
          Save
        </Button>
        <Text span c="dimmed" role="status" className={classes["saved"]}>
          {isSame ? (
            <>
              <IconCheck size={16} aria-hidden />
              Saved
            </>
          ) : (
            "Not saved yet"
          )}
        </Text>
      </div>
    </form>
  );
}

interface MeaningProps {
  from: string | null;
  until: string | null;
  zone: string;
}

function Meaning({ from, until, zone }: MeaningProps) {
  if (from === null || until === null) return <Text>Messages leave at any hour, also in the night.</Text>;
  if (from === "" || until === "") return null;
  return (
    <Text>
      Messages leave from {from} until {until}, by the clock of the broadcast’s time zone ({zoneWord(zone)} unless another is chosen). What has not left by {until} goes on at {from} the next day.
    </Text>
  );
}
