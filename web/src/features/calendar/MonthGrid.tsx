/** A month in whole weeks; a step can be dropped on a day. */
import { useDroppable } from "@dnd-kit/core";
import { Text, UnstyledButton, VisuallyHidden } from "@mantine/core";
import { isOfMonth } from "@/lib/calendar/days";
import { dayWord, weekdayNames } from "@/lib/sequence/words";
import { weekdayOf } from "@/lib/sequence/days";
import type { CalendarStep } from "@/api/types";
import { cellId, type Cell } from "./dragging";
import { StepCard } from "./StepCard";
import classes from "./Calendar.module.css";

/** More are opened as a week. */
const SHOWN = 3;

export interface GridProps {
  weeks: string[][];
  date: string;
  today: string;
  zone: string;
  onDays: Map<string, CalendarStep[]>;
  onAsk: (step: CalendarStep) => void;
  onOpenDay: (date: string) => void;
}

export function MonthGrid({ weeks, date, onDays, ...rest }: GridProps) {
  return (
    <table className={classes["grid"]} aria-label="Month">
      <thead>
        <tr>
          {(weeks[0] ?? []).map((day) => (
            <th key={day} scope="col">
              <span aria-hidden>{weekdayNames[weekdayOf(day)]?.slice(0, 3)}</span>
              <VisuallyHidden>{weekdayNames[weekdayOf(day)]}</VisuallyHidden>
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {weeks.map((days) => (
          <tr key={days[0]}>
            {days.map((day) => (
              <Day key={day} day={day} isOutside={!isOfMonth(day, date)} steps={onDays.get(day) ?? []} {...rest} />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

type DayProps = Pick<GridProps, "today" | "zone" | "onAsk" | "onOpenDay"> & { day: string; isOutside: boolean; steps: CalendarStep[] };

function Day({ day, today, isOutside, steps, zone, onAsk, onOpenDay }: DayProps) {
  const cell: Cell = { date: day, hour: null };
  const { setNodeRef, isOver } = useDroppable({ id: cellId(cell), data: { cell } });
  const isToday = day === today;
  const rest = steps.length - SHOWN;
  return (
    <td ref={setNodeRef} className={classes["day"]} data-date={day} data-outside={isOutside || undefined} data-past={day < today || undefined} data-over={isOver || undefined}>
      <UnstyledButton className={classes["number"]} aria-current={isToday ? "date" : undefined} aria-label={`${dayWord(day)}${isToday ? ", today" : ""}: show the week`} onClick={() => onOpenDay(day)}>
        {Number(day.slice(8))}
        {day.endsWith("-01") && ` ${dayWord(day).split(" ")[2] ?? ""}`}
        {isToday && <span className={classes["today"]}>Today</span>}
      </UnstyledButton>
      {steps.length > 0 && (
        <ul className={classes["cards"]}>
          {steps.slice(0, rest === 1 ? SHOWN + 1 : SHOWN).map((step) => (
            <StepCard key={step.step_id} step={step} zone={zone} onAsk={onAsk} />
          ))}
        </ul>
      )}
      {rest > 1 && (
        <UnstyledButton className={classes["more"]} onClick={() => onOpenDay(day)} aria-label={`${rest} more on ${dayWord(day)}: show the week`}>
          <Text span size="xs">
            {rest} more
          </Text>
        </UnstyledButton>
      )}
    </td>
  );
}
