/** Moving a step by date and time, and the last look before a step moves that was launched already. */
import { Button, Group, List, Modal, Skeleton, Stack, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { useState } from "react";
import { useMoveEffects } from "@/api/calendar";
import { inWords } from "@/api/problem";
import { fullNameOf } from "@/lib/calendar/items";
import { wallSaid, whyNot } from "@/lib/calendar/move";
import { momentOf, zoneWord } from "@/lib/zones";
import type { CalendarStep } from "@/api/types";
import { DayInput } from "@/ui/DayInput";
import { Notice } from "@/ui/Notice";
import classes from "./Calendar.module.css";

export interface Asked {
  step: CalendarStep;
  /** Wall time of the step's own clock to begin with. */
  local: string;
}

interface MoveDialogProps {
  asked: Asked | null;
  onMove: (step: CalendarStep, local: string) => void;
  onClose: () => void;
}

export function MoveDialog({ asked, onMove, onClose }: MoveDialogProps) {
  return (
    <Modal opened={asked !== null} onClose={onClose} title={asked === null ? "" : `Move ${fullNameOf(asked.step)}`} closeButtonProps={{ "aria-label": "Close" }}>
      {asked !== null && <Form key={`${asked.step.step_id} ${asked.local}`} asked={asked} onMove={onMove} onClose={onClose} />}
    </Modal>
  );
}

function Form({ asked: { step, local: first }, onMove, onClose }: MoveDialogProps & { asked: Asked }) {
  const [date, setDate] = useState<string | null>(first.slice(0, 10));
  const [time, setTime] = useState(first.slice(11, 16));
  const wall = date === null || time === "" ? null : `${date}T${time.slice(0, 5)}:00`;
  const isSame = wall?.slice(0, 16) === step.local.slice(0, 16);
  const moment = wall === null ? null : momentOf(wall, step.time_zone);
  const [opened] = useState(() => Date.now());
  const isOver = moment !== null && moment.getTime() <= opened;
  const fault = wall === null ? "Give a date and a time." : isOver ? "This time has passed. Choose a later one." : whyNot(step, wall);
  const isLaunched = step.broadcast_status !== "draft";
  const asksFor = fault === null && !isSame && isLaunched ? wall : null;
  const effects = useMoveEffects(step, asksFor);
  const isReady = wall !== null && fault === null && !isSame && (!isLaunched || effects.data !== undefined);
  return (
    <form
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (isReady) onMove(step, wall);
      }}
    >
      <Stack gap="md">
        <Text>
          Now {wallSaid(step.local)}, {step.in_their_zones ? "on each recipient’s clock" : `by the clock of ${zoneWord(step.time_zone)}`}.
        </Text>
        <Group gap={12} align="flex-start">
          <DayInput className={classes["date"]} label="Date" value={date} error={fault !== null} onChange={setDate} />
          <TimeInput className={classes["clock"]} label="Time" value={time} error={fault !== null} onChange={(event) => setTime(event.currentTarget.value)} />
        </Group>
        {fault !== null && (
          <Text c="var(--app-bad)" role="alert">
            {fault}
          </Text>
        )}
        {asksFor !== null && <Effects effects={effects} />}
        <Group gap={8} justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Leave it there
          </Button>
          <Button type="submit" disabled={!isReady}>
            {wall === null || fault !== null ? "Move" : `Move to ${wallSaid(wall)}`}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}

function Effects({ effects: { data, isError, error } }: { effects: ReturnType<typeof useMoveEffects> }) {
  if (isError) return <Notice kind="bad" isAlert>{inWords(error)}</Notice>;
  if (data === undefined) return <Skeleton h={44} role="status" aria-label="Looking what changes" />;
  return (
    <div>
      <Text fw={550}>It has been launched. What changes{data.people === null ? "" : ` for ${data.people.toLocaleString("en-US")} ${data.people === 1 ? "person" : "people"}`}:</Text>
      <List mt={4}>
        {data.effects.map((each) => (
          <List.Item key={each}>{each}</List.Item>
        ))}
      </List>
    </div>
  );
}
