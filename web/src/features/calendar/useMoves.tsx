/** Moves on the calendar: a draft at once and with a way back, what was launched after a last look. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useState, type ReactNode } from "react";
import { useMoveStep, type CalendarMove } from "@/api/calendar";
import { inWords } from "@/api/problem";
import { countOf } from "@/lib/format";
import { fullNameOf } from "@/lib/calendar/items";
import { localAt, wallSaid, whyNot } from "@/lib/calendar/move";
import { momentOf, wallTime } from "@/lib/zones";
import type { Broadcast, CalendarStep } from "@/api/types";
import type { Asked } from "./MoveDialog";

const UNDO_MS = 12_000;

/** Only of the last move: others would wait until those before have gone. */
function tell(message: ReactNode, color?: string) {
  const id = "calendar move";
  notifications.hide(id);
  notifications.show({ id, message, autoClose: UNDO_MS, closeButtonProps: { "aria-label": "Close" }, ...(color === undefined ? {} : { color }) });
}

/** The steps that count their days from the one that was moved. */
function movedAlong(step: CalendarStep, { steps }: Broadcast): string {
  if (step.position !== 1) return "";
  const others = steps.filter(({ position, day_number: day, status }) => position > 1 && day !== null && (status === "draft" || status === "scheduled")).length;
  return others === 0 ? "" : ` ${countOf(others, "later step has", "later steps have")} moved along.`;
}

/** A time that has passed cannot be chosen again. */
const isAhead = ({ at }: CalendarStep): boolean => Date.parse(at) > Date.now();

export function useMoves(zone: string) {
  const [asked, setAsked] = useState<Asked | null>(null);
  const move = useMoveStep();

  const refuse = (step: CalendarStep, why: string) => tell(`${fullNameOf(step)} was not moved. ${why}`, "red");

  const carryOut = async (wanted: CalendarMove) => {
    const { step, shown, back } = wanted;
    try {
      const broadcast = await move.mutateAsync(wanted);
      const canUndo = back === undefined && isAhead(step);
      tell(
        <Group justify="space-between" wrap="nowrap">
          <span>
            {fullNameOf(step)} {back === undefined ? "is now on" : "is back on"} {wallSaid(back === undefined ? shown : step.shown)}.{movedAlong(step, broadcast)}
          </span>
          {canUndo && (
            <Button variant="subtle" size="compact-sm" flex="none" onClick={() => void carryOut({ step, local: step.local, shown: step.shown, back: { version: broadcast.version } })}>
              Undo
            </Button>
          )}
        </Group>,
      );
    } catch (error) {
      refuse(step, inWords(error));
    }
  };

  const begin = (step: CalendarStep, shown: string) => {
    const local = localAt(step, shown);
    const why = whyNot(step, local);
    if (why !== null) refuse(step, why);
    else if (step.broadcast_status === "draft") void carryOut({ step, local, shown });
    else setAsked({ step, local });
  };

  const confirm = (step: CalendarStep, local: string) => {
    const moment = momentOf(local, step.time_zone);
    setAsked(null);
    void carryOut({ step, local, shown: moment === null ? local : wallTime(moment, zone) });
  };

  /** While it is saved a step stands where it was put. */
  const placed = (step: CalendarStep): CalendarStep =>
    move.isPending && move.variables.step.step_id === step.step_id ? { ...step, shown: move.variables.shown, warnings: [] } : step;

  return { asked, begin, confirm, placed, ask: (step: CalendarStep) => setAsked({ step, local: step.local }), close: () => setAsked(null) };
}
