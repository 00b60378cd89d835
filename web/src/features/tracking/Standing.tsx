/** Why nothing leaves now: it stopped by itself, a person paused it, or it waits. */
import { Text } from "@mantine/core";
import { useDraft } from "@/api/useDraft";
import { count, countOf, dayAndTime } from "@/lib/format";
import { stoppedWord } from "@/lib/paused";
import { offsetWord, ownZone } from "@/lib/zones";
import type { Tracking } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { Commands } from "./Commands";
import classes from "./Tracking.module.css";

export function Standing({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  const { status, paused_by: by, pending } = tracking;
  const stopped = stoppedWord(tracking);
  if (stopped !== null) {
    return (
      <div className={classes["stopped"]} role="alert">
        <Notice kind={by === "missed_time" ? "care" : "bad"} action={<Commands tracking={tracking} />}>
          <Text fw={650}>{stopped}</Text>
          {broadcast.problem ?? "It stopped by itself. Nothing leaves until it is resumed."}
          {pending > 0 && <Text c="dimmed">{countOf(pending, "message waits", "messages wait")}.</Text>}
        </Notice>
      </div>
    );
  }
  if (broadcast.problem !== null) return <Notice kind="bad" isAlert>{broadcast.problem}</Notice>;
  if (status === "paused") {
    return <Notice kind="care">Somebody paused it. Nothing leaves until it is resumed{pending > 0 && `; ${count(pending)} wait`}.</Notice>;
  }
  return tracking.waiting_note === null ? null : <Waiting tracking={tracking} note={tracking.waiting_note} />;
}

/** The words name a time on the clock of the broadcast; yours may show another. */
function Waiting({ tracking: { waits_until: until }, note }: { tracking: Tracking; note: string }) {
  const { step } = useDraft();
  const own = ownZone();
  const moment = until === null ? null : new Date(until);
  const isElsewhere = moment !== null && offsetWord(step.time_zone, moment) !== offsetWord(own, moment);
  return (
    <Notice kind="care">
      {note}
      {isElsewhere && ` That is ${dayAndTime(moment)} where you are.`}
    </Notice>
  );
}
