/** On a phone: the days on which something goes out, one after the other. */
import { Button, Title } from "@mantine/core";
import { fullNameOf } from "@/lib/calendar/items";
import { nearWord } from "@/lib/calendar/move";
import { dayWord } from "@/lib/sequence/words";
import type { CalendarStep } from "@/api/types";
import { StepWords } from "./StepWords";
import classes from "./Calendar.module.css";

interface AgendaProps {
  days: [string, CalendarStep[]][];
  today: string;
  zone: string;
  onAsk: (step: CalendarStep) => void;
}

export function Agenda({ days, today, zone, onAsk }: AgendaProps) {
  return (
    <div className={classes["agenda"]}>
      {days.map(([date, steps]) => {
        const near = nearWord(date, today);
        return (
          <section key={date} aria-label={dayWord(date)}>
            <Title order={3} className={classes["agendaDay"]} aria-current={date === today ? "date" : undefined}>
              {dayWord(date)}
              {near !== null && <span className={classes["today"]}>{near}</span>}
            </Title>
            <ul className={classes["cards"]}>
              {steps.map((step) => (
                <li key={step.step_id} className={classes["card"]} data-channel={step.channel} data-roomy>
                  <StepWords step={step} zone={zone} />
                  {step.can_move && (
                    <Button variant="default" size="xs" aria-label={`Move ${fullNameOf(step)}`} onClick={() => onAsk(step)}>
                      Move
                    </Button>
                  )}
                </li>
              ))}
            </ul>
          </section>
        );
      })}
    </div>
  );
}
