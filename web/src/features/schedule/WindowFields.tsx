/** The hours and the days of the week within which a step is sent; outside of them it waits for the next time that fits. */
import { Checkbox, Chip, Group, Stack, Text } from "@mantine/core";
import { TimeInput } from "@mantine/dates";
import { useState } from "react";
import { useDraft } from "@/api/useDraft";
import { weekdayNames, windowSaid } from "@/lib/sequence/words";
import classes from "./StepDrawer.module.css";

const FIRST_WINDOW = { from: "09:00", until: "17:00" };

export function WindowFields() {
  const { step, change, isReadOnly, faults } = useDraft();
  const [from, setFrom] = useState(step.window_from ?? FIRST_WINDOW.from);
  const [until, setUntil] = useState(step.window_until ?? FIRST_WINDOW.until);
  const isOn = step.window_from !== null;
  const isBackwards = from !== "" && until !== "" && from >= until;
  const fault = isOn && isBackwards ? "The window must end after it begins, the same day." : faults.find(({ pointer }) => pointer.startsWith("/window"))?.detail;
  const daysFault = faults.find(({ pointer }) => pointer === "/weekdays")?.detail;
  const said = windowSaid(step);
  const save = (nextFrom: string, nextUntil: string) => {
    if (nextFrom === "" || nextUntil === "" || nextFrom >= nextUntil) return;
    change({ step: { window_from: nextFrom.slice(0, 5), window_until: nextUntil.slice(0, 5) } });
  };
  return (
    <Stack gap={12}>
      <Checkbox
        label="Only between certain hours"
        description="What does not leave in time waits for the next day that fits."
        checked={isOn}
        disabled={isReadOnly}
        onChange={(event) => (event.currentTarget.checked ? save(from, until) : change({ step: { window_from: null, window_until: null } }))}
      />
      {isOn && (
        <Group gap={12} align="flex-start" className={classes["inset"]}>
          {(["From", "Until"] as const).map((label) => (
            <TimeInput
              key={label}
              className={classes["short"]}
              label={label}
              value={label === "From" ? from : until}
              readOnly={isReadOnly}
              error={fault !== undefined}
              onChange={(event) => {
                const next = event.currentTarget.value;
                if (label === "From") setFrom(next);
                else setUntil(next);
                save(label === "From" ? next : from, label === "From" ? until : next);
              }}
            />
          ))}
        </Group>
      )}
      {fault !== undefined && (
        <Text c="var(--app-bad)" role="alert">
          {fault}
        </Text>
      )}
      <div role="group" aria-label="Days of the week">
        <Text fw={600} mb={4}>
          Days of the week
        </Text>
        <Chip.Group
          multiple
          value={step.weekdays.map(String)}
          onChange={(days) => {
            // At least one day stays.
            if (days.length > 0) change({ step: { weekdays: days.map(Number).toSorted((one, other) => one - other) } });
          }}
        >
          <Group gap={4}>
            {weekdayNames.map((name, index) => (
              <Chip key={name} value={String(index + 1)} size="xs" radius="sm" classNames={{ label: classes["weekday"] ?? "" }} disabled={isReadOnly} aria-label={name}>
                {name.slice(0, 3)}
              </Chip>
            ))}
          </Group>
        </Chip.Group>
        {daysFault !== undefined && <Text c="var(--app-bad)" role="alert">{daysFault}</Text>}
      </div>
      {said !== null && <Text c="dimmed">It is sent {said}.</Text>}
    </Stack>
  );
}
