/** What stands on an item: when, on which channel, of which broadcast, how it stands, for how many, and what is to be known. */
import { VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { broadcastTypeWord } from "@/lib/format";
import { clockSaid, nameOf, peopleSaid, placeOf, shortOf } from "@/lib/calendar/items";
import { hourWord } from "@/lib/sequence/words";
import type { CalendarStep } from "@/api/types";
import { ChannelIcon } from "@/ui/ChannelIcon";
import { broadcastStatusWord } from "@/ui/Status";
import classes from "./Calendar.module.css";

/** A step that is over says so, whatever becomes of the others. */
function standing({ broadcast_status: status, step_status: ofStep, archived }: CalendarStep): string {
  const word = status === "sending" && ofStep === "scheduled" ? "Scheduled" : ofStep === "completed" ? "Sent" : ofStep === "cancelled" ? "Cancelled" : broadcastStatusWord(status);
  return archived ? `${word}, archived` : word;
}

export function StepWords({ step, zone }: { step: CalendarStep; zone: string }) {
  const place = placeOf(step);
  const clock = clockSaid(step, zone);
  const facts = [place, standing(step), step.people === null ? null : peopleSaid(step.people), clock].filter((each) => each !== null);
  return (
    <div className={classes["words"]}>
      <span className={classes["line"]}>
        <ChannelIcon channel={step.channel} size={14} />
        <VisuallyHidden>{broadcastTypeWord(step.channel)}, </VisuallyHidden>
        <span className={classes["time"]}>{hourWord(step.shown.slice(11, 16))}</span>
      </span>
      <Link to="/broadcasts/$id/schedule" params={{ id: step.broadcast_id }} className={classes["name"]} draggable={false}>
        {nameOf(step)}
      </Link>
      <span className={classes["facts"]}>{facts.join(" · ")}</span>
      {step.warnings.length > 0 && (
        <span className={classes["warned"]}>
          <IconAlertTriangle size={13} aria-hidden />
          {step.warnings.map(shortOf).join(", ")}
        </span>
      )}
    </div>
  );
}
