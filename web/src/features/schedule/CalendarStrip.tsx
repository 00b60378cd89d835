/** The weeks of the sequence: on which days something goes out; a step can be dropped on a day. */
import { useDroppable } from "@dnd-kit/core";
import { Text, VisuallyHidden } from "@mantine/core";
import { Fragment } from "react";
import { countOf } from "@/lib/format";
import { dayWord, hourWord, titleOf, weekdayNames } from "@/lib/sequence/words";
import type { Week } from "@/lib/sequence/days";
import type { Step } from "@/api/types";
import { ChannelIcon } from "@/ui/ChannelIcon";
import { dayId, type Target } from "./dragging";
import classes from "./Calendar.module.css";

export interface OnDay {
  step: Step;
  time: string | null;
}

interface CalendarStripProps {
  weeks: Week[];
  dayOne: string;
  today: string;
  /** What goes out, by date. */
  onDays: Map<string, OnDay[]>;
}

export function CalendarStrip({ weeks, dayOne, today, onDays }: CalendarStripProps) {
  return (
    <table className={classes["calendar"]} aria-label="Calendar of the sequence">
      <thead>
        <tr>
          {weekdayNames.map((name) => (
            <th key={name} scope="col">
              <span aria-hidden>{name.slice(0, 3)}</span>
              <VisuallyHidden>{name}</VisuallyHidden>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map(({ dates, skipped }) => (
          <Fragment key={dates[0]}>
            {skipped > 0 && (
              <tr>
                <td colSpan={7} className={classes["skipped"]}>
                  {countOf(skipped, "week")} without anything
                </td>
              </tr>
            )}
            <tr>
              {dates.map((date) => (
                <Day key={date} date={date} isBefore={date < dayOne} isToday={date === today} out={onDays.get(date) ?? []} />
              ))}
            </tr>
          </Fragment>
        ))}
      </tbody>
    </table>
  );
}

function Day({ date, isBefore, isToday, out }: { date: string; isBefore: boolean; isToday: boolean; out: OnDay[] }) {
  const target: Target = { kind: "day", date };
  const { setNodeRef, isOver } = useDroppable({ id: dayId(date), data: { target }, disabled: isBefore });
  const number = Number(date.slice(8));
  const [, month] = dayWord(date).split(/ \d+ /);
  return (
    <td ref={setNodeRef} className={classes["day"]} data-date={date} data-before={isBefore || undefined} data-out={out.length > 0 || undefined} data-over={isOver || undefined}>
      <Text span className={classes["number"]} aria-current={isToday ? "date" : undefined}>
        {number}
        {number === 1 && <span className={classes["month"]}> {month?.slice(0, 3)}</span>}
      </Text>
      {out.length > 0 && (
        <ul className={classes["out"]}>
          {out.map(({ step, time }) => (
            <li key={step.id} title={`${titleOf(step)}${time === null ? "" : `, ${hourWord(time)}`}`}>
              <ChannelIcon channel={step.channel} size={14} />
              <span className={classes["time"]} aria-hidden>{time === null ? "" : hourWord(time)}</span>
              <VisuallyHidden>{`${titleOf(step)}, ${time === null ? "at once" : hourWord(time)}`}</VisuallyHidden>
            </li>
          ))}
        </ul>
      )}
    </td>
  );
}
