/** The rail of a draft. */
import { Stack, Text } from "@mantine/core";
import { IconCircleDashed, IconCircleCheck } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { doneWord, noEndWord } from "@/lib/done";
import { about, count, countOf, money, soon, until } from "@/lib/format";
import { leftOutOf, messagesInAll, unitOf, willSendSaid } from "@/lib/reach";
import type { Outlook } from "@/api/types";
import { Amount, Figure } from "@/ui/Figure";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";
import { problemKey, problemSaid, routeOf, stepSearch } from "@/lib/steps";
import classes from "./Rail.module.css";

export function outlookLine(outlook: Outlook): string {
  const leftOut = leftOutOf(outlook);
  return [
    willSendSaid(outlook),
    ...(leftOut > 0 ? [`${count(leftOut)} left out`] : []),
    ...(outlook.segments > 0 ? [about(money(outlook.cost), outlook.exact)] : []),
    doneWord(outlook),
  ].join(" · ");
}

/** The same for the narrow foot of a phone. */
export function outlookShort(outlook: Outlook): string {
  const leftOut = leftOutOf(outlook);
  return [
    willSendSaid(outlook),
    ...(leftOut > 0 ? [`${count(leftOut)} left out`] : []),
    ...(outlook.segments > 0 ? [`${outlook.exact ? "" : "~"}${money(outlook.cost)}`] : []),
    outlook.done_at === null ? noEndWord(outlook) : until(outlook.done_at),
  ].join(" · ");
}

interface OutlookRailProps {
  outlook: Outlook;
  broadcastId: string;
  isStale: boolean;
  /** Why the last change is not saved. */
  failure?: string | null;
}

export function OutlookRail({ outlook, broadcastId, isStale, failure = null }: OutlookRailProps) {
  const { open } = usePeople();
  const leftOut = leftOutOf(outlook);
  const inAll = messagesInAll(outlook);
  const hasSms = outlook.channels.length === 0 || outlook.channels.some(({ channel }) => channel === "sms");
  const verb = inAll === null ? "will send" : "will write to";
  const reached = outlook.channels.length === 1 && outlook.channels[0]?.channel === "email" ? "email.reachable" : outlook.channels.length > 1 ? "by_channel" : "reachable";
  return (
    <Stack gap={16}>
      <div>
        <Text size="xs" c="dimmed">
          {verb}
        </Text>
        <button type="button" data-opens className={`number-link ${classes["main"]}`} onClick={() => open(reached)} aria-label={`${verb} ${willSendSaid(outlook)}, show the people`}>
          <Figure value={outlook.will_send} isStale={isStale} /> <span className={classes["unit"]}>{unitOf(outlook)}</span>
        </button>
        {inAll !== null && (
          <Text c="dimmed">
            <Amount isStale={isStale}>{inAll}</Amount>
            {outlook.steps.length > 1 && ` in ${outlook.steps.length} steps`}
          </Text>
        )}
      </div>
      <ul className={classes["facts"]}>
        <li>
          <button type="button" data-opens className="number-link" onClick={() => open("left_out")} aria-label={`${count(leftOut)} left out, show the reasons`}>
            <Figure value={leftOut} isStale={isStale} /> left out
          </button>
        </li>
        <li>
          <Amount isStale={isStale}>{outlook.segments === 0 ? (hasSms ? "no cost yet" : "no cost by SMS") : about(money(outlook.cost), outlook.exact)}</Amount>
          <Text span size="xs" c="dimmed">
            <Amount isStale={isStale}>{outlook.segments === 0 ? (hasSms ? "no message" : "") : countOf(outlook.segments, "segment")}</Amount>
          </Text>
        </li>
        <li className={classes["time"]}>
          <Amount isStale={isStale}>{doneWord(outlook)}</Amount>
          <Text span size="xs" c="dimmed">
            <Amount isStale={isStale}>{`starts ${soon(outlook.starts_at)}`}</Amount>
          </Text>
        </li>
      </ul>
      {!outlook.exact && outlook.segments > 0 && (
        <Text size="xs" c="dimmed">
          The cost is estimated from {countOf(outlook.measured, "message")}.
        </Text>
      )}
      {outlook.hours_note !== null && <Notice kind="info">{outlook.hours_note}</Notice>}
      {failure !== null && <Notice kind="bad">Not saved: {failure}</Notice>}
      <Missing isSaved={failure === null} outlook={outlook} broadcastId={broadcastId} />
    </Stack>
  );
}

function Missing({ outlook, broadcastId, isSaved }: Pick<OutlookRailProps, "outlook" | "broadcastId"> & { isSaved: boolean }) {
  if (outlook.problems.length === 0) {
    return isSaved && (
      <Text className={classes["ready"]}>
        <IconCircleCheck size={18} aria-hidden />
        Ready to review and send
      </Text>
    );
  }
  return (
    <section aria-label="Still missing">
      <Text size="xs" c="dimmed" mb={4}>
        Still missing
      </Text>
      <ul className={classes["missing"]}>
        {outlook.problems.map((problem) => (
          <li key={problemKey(problem)}>
            <Link to={routeOf(problem.step)} params={{ id: broadcastId }} search={stepSearch(problem)} className={classes["missingLink"]}>
              <IconCircleDashed size={16} aria-hidden />
              <span>{problemSaid(problem, outlook)}</span>
            </Link>
          </li>
        ))}
      </ul>
    </section>
  );
}
