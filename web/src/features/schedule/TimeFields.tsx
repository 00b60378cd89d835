/** When a step is sent: at a date, or on a day of the sequence, on one clock or on each person's own. */
import { Group, NumberInput, Radio, Select, Stack, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { useState } from "react";
import { useDraft } from "@/api/useDraft";
import { dateAfter, firstDate, whenOf } from "@/lib/sequence/days";
import { dayWord, whenSaid } from "@/lib/sequence/words";
import { allZones, zoneWord } from "@/lib/zones";
import { DayInput } from "@/ui/DayInput";
import classes from "./StepDrawer.module.css";

const MOST_DAYS = 730;
const USUAL_HOUR = "09:00";

export function TimeFields() {
  const { step } = useDraft();
  if (step.send_mode === "now") return <Text>It is sent at once when the broadcast is launched.</Text>;
  return (
    <Stack gap={12}>
      {step.position === 1 ? <OnDate /> : <DayOrDate />}
      <Clock />
    </Stack>
  );
}

function DayOrDate() {
  const { broadcast, step, change, isReadOnly } = useDraft();
  const dayOne = firstDate(broadcast.steps, new Date(), broadcast.launched_at);
  const when = whenOf(step, dayOne);
  const isDay = step.scheduled_for === null;
  const choose = (value: string) => {
    const time = when.time ?? USUAL_HOUR;
    if (value === "day") change({ step: { scheduled_for: null, day_number: Math.max(1, when.day ?? 2), day_time: time } });
    else change({ step: { scheduled_for: `${when.date ?? dateAfter(new Date().toISOString().slice(0, 10), 1)}T${time}:00`, day_number: null, day_time: null } });
  };
  return (
    <>
      <Radio.Group label="When is it sent?" value={isDay ? "day" : "date"} onChange={choose}>
        <Stack gap={12} mt={8}>
          <Radio value="day" label="On a day of the sequence" description="It moves along when the first step moves." disabled={isReadOnly} />
          <Radio value="date" label="On a date" disabled={isReadOnly} />
        </Stack>
      </Radio.Group>
      {isDay ? <OnDay dayOne={dayOne} /> : <OnDate />}
    </>
  );
}

function useFault(...pointers: string[]): string | undefined {
  const { faults } = useDraft();
  return faults.find(({ pointer }) => pointers.includes(pointer))?.detail;
}

function OnDay({ dayOne }: { dayOne: string | null }) {
  const { step, change, isReadOnly } = useDraft();
  const [day, setDay] = useState<number | string>(step.day_number ?? "");
  const [time, setTime] = useState(step.day_time ?? USUAL_HOUR);
  const fault = useFault("/day_number", "/day_time", "/scheduled_for");
  const isDay = typeof day === "number" && day >= 1 && day <= MOST_DAYS;
  const save = (nextDay: number | string, nextTime: string) => {
    if (typeof nextDay !== "number" || nextDay < 1 || nextDay > MOST_DAYS || nextTime === "") return;
    change({ step: { day_number: nextDay, day_time: nextTime.slice(0, 5) } });
  };
  return (
    <>
      <Group gap={12} align="flex-start">
        <NumberInput
          className={classes["short"]}
          label="Day"
          value={day}
          min={1}
          max={MOST_DAYS}
          clampBehavior="none"
          allowDecimal={false}
          allowNegative={false}
          readOnly={isReadOnly}
          error={isDay ? fault !== undefined : `From 1 to ${MOST_DAYS}`}
          onChange={(next) => {
            setDay(next);
            save(next, time);
          }}
        />
        <TimeInput
          className={classes["short"]}
          label="Time"
          value={time}
          readOnly={isReadOnly}
          error={fault !== undefined}
          onChange={(event) => {
            setTime(event.currentTarget.value);
            save(day, event.currentTarget.value);
          }}
        />
      </Group>
      <Said fault={fault} words={isDay && dayOne !== null ? `Day ${day} is ${dayWord(dateAfter(dayOne, day - 1))}.` : isDay ? "Day 1 is the day of the first step." : ""} />
    </>
  );
}

function OnDate() {
  const { step, change, isReadOnly } = useDraft();
  const [day, setDay] = useState(step.scheduled_for?.slice(0, 10) ?? null);
  const [time, setTime] = useState(step.scheduled_for?.slice(11, 16) ?? USUAL_HOUR);
  const fault = useFault("/scheduled_for");
  const save = (nextDay: string | null, nextTime: string) => {
    if (nextDay !== null && nextTime !== "") change({ step: { scheduled_for: `${nextDay}T${nextTime.slice(0, 5)}:00`, day_number: null, day_time: null } });
  };
  const when = { day: null, date: day, time: time === "" ? null : time };
  return (
    <>
      <Group gap={12} align="flex-start">
        <DayInput
          className={classes["date"]}
          label="Date"
          value={day}
          readOnly={isReadOnly}
          error={fault !== undefined}
          onChange={(next) => {
            setDay(next);
            save(next, time);
          }}
        />
        <TimeInput
          className={classes["short"]}
          label="Time"
          value={time}
          readOnly={isReadOnly}
          error={fault !== undefined}
          onChange={(event) => {
            setTime(event.currentTarget.value);
            save(day, event.currentTarget.value);
          }}
        />
      </Group>
      <Said fault={fault} words={day === null ? "Choose a date." : `${whenSaid(when, false)}.`} />
    </>
  );
}

function Said({ fault, words }: { fault: string | undefined; words: string }) {
  if (fault === undefined) return words === "" ? null : <Text c="dimmed">{words}</Text>;
  return (
    <Text c="var(--app-bad)" role="alert">
      {fault}
    </Text>
  );
}

function Clock() {
  const { step, change, isReadOnly } = useDraft();
  const fault = useFault("/time_zone");
  return (
    <>
      <Radio.Group label="On whose clock?" value={step.zone_mode} onChange={(value) => change({ step: { zone_mode: value === "recipient" ? "recipient" : "account" } })}>
        <Stack gap={12} mt={8}>
          <Radio value="account" label="One clock for all" description="Everybody gets it at the same moment." disabled={isReadOnly} />
          <Radio value="recipient" label="Each recipient’s own clock" description="Everybody gets it when it is that time where they are." disabled={isReadOnly} />
        </Stack>
      </Radio.Group>
      {step.zone_mode === "account" && (
        <Select
          label="Time zone"
          data={allZones(step.time_zone).map((name) => ({ value: name, label: zoneWord(name) }))}
          searchable
          selectFirstOptionOnChange
          allowDeselect={false}
          limit={60}
          readOnly={isReadOnly}
          nothingFoundMessage="No such time zone"
          value={step.time_zone}
          error={fault}
          onChange={(next) => {
            if (next !== null) change({ step: { time_zone: next } });
          }}
        />
      )}
    </>
  );
}
