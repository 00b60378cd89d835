/** The sequence day by day: what goes out when, to how many, and the calendar of it. */
import { Button, Group, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useOutlook } from "@/api/outlook";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { wallTime, ownZone } from "@/lib/zones";
import { byDay, firstDate, weeksOf, whenOf } from "@/lib/sequence/days";
import { dayWord } from "@/lib/sequence/words";
import { useStepPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import { CalendarStrip, type OnDay } from "./CalendarStrip";
import { SaveSequence } from "./SaveSequence";
import { SequenceDrag } from "./SequenceDrag";
import { TimelineRow } from "./TimelineRow";
import classes from "./Timeline.module.css";

export function Timeline() {
  const { broadcast, isReadOnly, hasUnsaved } = useDraft();
  const { steps } = broadcast;
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const { add, addStep } = useStepCommands();
  const { open } = useStepPanel();
  const now = new Date();
  const dayOne = firstDate(steps, now, broadcast.launched_at);
  const onDays = new Map<string, OnDay[]>();
  for (const step of steps) {
    const { date, time } = whenOf(step, dayOne);
    if (date !== null) onDays.set(date, [...(onDays.get(date) ?? []), { step, time }]);
  }
  const weeks = weeksOf([...onDays.keys()]);
  const isBehind = hasUnsaved || outlook?.version !== broadcast.version;
  const today = wallTime(now, steps[0]?.time_zone ?? ownZone()).slice(0, 10);
  return (
    <section aria-label="Sequence" className={classes["card"]}>
      <div>
        <Title order={2}>{steps.length} steps</Title>
        {!isReadOnly && <Text c="dimmed">Drag a step to change its place, or onto a day of the calendar to move it there.</Text>}
      </div>
      <SequenceDrag dayOne={dayOne} dates={weeks.flatMap(({ dates }) => dates)}>
        {dayOne === null ? (
          <Text c="dimmed">Choose the date of the first step to see the calendar.</Text>
        ) : (
          <CalendarStrip weeks={weeks} dayOne={dayOne} today={today} onDays={onDays} />
        )}
        <ol className={classes["days"]}>
          {byDay(steps, dayOne).map(({ day, date, steps: ofDay }) => (
            <li key={ofDay[0]?.id} className={classes["ofDay"]}>
              <Title order={3} className={classes["dayName"]}>
                {day === null ? "No day yet" : `Day ${day}`}
                {date !== null && <span className={classes["date"]}>{dayWord(date, now)}</span>}
              </Title>
              <ul className={classes["rows"]}>
                {ofDay.map((step) => (
                  <TimelineRow key={step.id} step={step} index={steps.indexOf(step)} dayOne={dayOne} outlook={isReadOnly ? undefined : outlook} isStale={isBehind} />
                ))}
              </ul>
            </li>
          ))}
        </ol>
      </SequenceDrag>
      {!isReadOnly && (
        <Group>
          <Button variant="default" leftSection={<IconPlus size={16} aria-hidden />} loading={add.isPending} onClick={() => addStep(open)}>
            Add a step
          </Button>
          <SaveSequence />
        </Group>
      )}
      {add.isError && <Notice kind="bad" isAlert>{inWords(add.error)}</Notice>}
    </section>
  );
}
