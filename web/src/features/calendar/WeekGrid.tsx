/** A week by hours; a step can be dropped on an hour of a day, and keeps its minutes. */
import { useDroppable } from "@dnd-kit/core";
import { hourOf, isClosed } from "@/lib/calendar/items";
import { dayWord } from "@/lib/sequence/words";
import type { CalendarStep } from "@/api/types";
import { cellId, type Cell } from "./dragging";
import type { GridProps } from "./MonthGrid";
import { StepCard } from "./StepCard";
import classes from "./Calendar.module.css";

interface WeekGridProps extends Omit<GridProps, "date" | "onOpenDay"> {
  hours: number[];
  from: string | null;
  until: string | null;
}

export function WeekGrid({ weeks, today, zone, onDays, onAsk, hours, from, until }: WeekGridProps) {
  const days = weeks[0] ?? [];
  return (
    <table className={classes["grid"]} data-week aria-label="Week">
      <thead>
        <tr>
          <td className={classes["hours"]} />
          {days.map((day) => (
            <th key={day} scope="col" aria-current={day === today ? "date" : undefined}>
              {dayWord(day)}
              {day === today && <span className={classes["today"]}>Today</span>}
            </th>
          ))}
        </tr>
      </thead>
      <tbody>
        {hours.map((hour) => (
          <tr key={hour}>
            <th scope="row" className={classes["hours"]}>
              {hour}:00
            </th>
            {days.map((day) => (
              <Hour
                key={day}
                day={day}
                hour={hour}
                isClosed={isClosed(hour, from, until)}
                steps={(onDays.get(day) ?? []).filter((step) => hourOf(step.shown) === hour)}
                zone={zone}
                onAsk={onAsk}
              />
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

interface HourProps extends Pick<GridProps, "zone" | "onAsk"> {
  day: string;
  hour: number;
  isClosed: boolean;
  steps: CalendarStep[];
}

function Hour({ day, hour, isClosed: isShut, steps, zone, onAsk }: HourProps) {
  const cell: Cell = { date: day, hour };
  const { setNodeRef, isOver } = useDroppable({ id: cellId(cell), data: { cell } });
  return (
    <td ref={setNodeRef} className={classes["hour"]} data-date={day} data-hour={hour} data-closed={isShut || undefined} data-over={isOver || undefined}>
      {steps.length > 0 && (
        <ul className={classes["cards"]}>
          {steps.map((step) => (
            <StepCard key={step.step_id} step={step} zone={zone} onAsk={onAsk} />
          ))}
        </ul>
      )}
    </td>
  );
}
