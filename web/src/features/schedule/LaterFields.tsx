/** Date, time and time zone, and what they mean on your own clock. */
import { Group, Select, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { useState } from "react";
import { useMe } from "@/api/session";
import { useDraft } from "@/api/useDraft";
import { dayAndTime } from "@/lib/format";
import { allZones, momentOf, offsetWord, ownZone, zoneWord } from "@/lib/zones";
import { DayInput } from "@/ui/DayInput";
import classes from "./Schedule.module.css";

const dayOf = (wall: string | null) => wall?.slice(0, 10) ?? null;
const timeOf = (wall: string | null) => wall?.slice(11, 16) ?? "";

export function LaterFields() {
  const { step, isReadOnly, change, faults } = useDraft();
  const { data: me } = useMe();
  const [day, setDay] = useState(dayOf(step.scheduled_for));
  const [time, setTime] = useState(timeOf(step.scheduled_for) || "09:00");
  const zone = step.time_zone || me?.workspace.time_zone || ownZone();
  const wall = day === null || time === "" ? null : `${day}T${time}:00`;
  const moment = wall === null ? null : momentOf(wall, zone);
  const now = new Date();

  const save = (nextDay: string | null, nextTime: string, nextZone: string) => {
    if (nextDay === null || nextTime === "") {
      if (nextZone !== step.time_zone) change({ step: { time_zone: nextZone } });
      return;
    }
    change({ step: { send_mode: "later", scheduled_for: `${nextDay}T${nextTime.slice(0, 5)}:00`, time_zone: nextZone } });
  };
  const isPast = moment !== null && moment < now && !isReadOnly;
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer.startsWith(pointer))?.detail;
  const timeFault = isPast ? "This time has passed. Choose a later one." : faultAt("/scheduled_for");

  return (
    <div className={classes["later"]}>
      <Group gap={12} align="flex-start">
        <DayInput
          className={classes["day"]}
          label="Date"
          readOnly={isReadOnly}
          value={day}
          error={timeFault !== undefined}
          onChange={(next) => {
            setDay(next);
            save(next, time, zone);
          }}
        />
        <TimeInput
          className={classes["time"]}
          label="Time"
          readOnly={isReadOnly}
          value={time}
          error={timeFault !== undefined}
          onChange={(event) => {
            const next = event.currentTarget.value;
            setTime(next);
            save(day, next, zone);
          }}
        />
        {step.zone_mode === "account" && <Select
          className={classes["zone"]}
          label="Time zone"
          data={allZones(zone).map((name) => ({ value: name, label: zoneWord(name) }))}
          searchable
          selectFirstOptionOnChange
          allowDeselect={false}
          limit={60}
          readOnly={isReadOnly}
          nothingFoundMessage="No such time zone"
          value={zone}
          error={faultAt("/time_zone")}
          onChange={(next) => {
            if (next !== null) save(day, time, next);
          }}
        />}
      </Group>
      {timeFault !== undefined && (
        <Text c="var(--app-bad)" role="alert">
          {timeFault}
        </Text>
      )}
      {moment !== null && !isPast && step.zone_mode === "account" && <Meaning moment={moment} zone={zone} />}
      {wall !== null && !isPast && step.zone_mode === "recipient" && <Text aria-live="polite">Starts {dayAndTime(`${wall}Z`, "UTC")} on each recipient’s own clock</Text>}
      {moment === null && <Text c="dimmed">Choose a date.</Text>}
    </div>
  );
}

function Meaning({ moment, zone }: { moment: Date; zone: string }) {
  const own = ownZone();
  const isSame = offsetWord(zone, moment) === offsetWord(own, moment);
  return (
    <Text aria-live="polite">
      Starts {dayAndTime(moment, zone)} ({zoneWord(zone)}, {offsetWord(zone, moment)})
      {!isSame && (
        <Text span c="dimmed">
          {" "}
          · {dayAndTime(moment)} where you are ({zoneWord(own)})
        </Text>
      )}
    </Text>
  );
}
