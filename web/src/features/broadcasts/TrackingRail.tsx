/** The rail after the launch: the live tracker. */
import { Stack, Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { count, money, soon, until } from "@/lib/format";
import { stoppedWord } from "@/lib/paused";
import { leftOutTotal } from "@/lib/reasons";
import type { Tracking } from "@/api/types";
import { Bar } from "@/ui/Bar";
import { Amount, Figure } from "@/ui/Figure";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";
import { BroadcastStatusChip } from "@/ui/Status";
import classes from "./Rail.module.css";

const isOver = (tracking: Tracking) => tracking.completed_at !== null;

function ending(tracking: Tracking): string | null {
  if (tracking.completed_at !== null) return `${tracking.on_the_way > 0 ? "all sent" : "ended"} ${soon(tracking.completed_at)}`;
  if (tracking.status === "paused") return "paused";
  if (tracking.status === "scheduled" && tracking.starts_at !== null) return `starts ${soon(tracking.starts_at)}`;
  return tracking.done_at === null ? null : `done by ${until(tracking.done_at)}`;
}

export function trackingLine(tracking: Tracking): string {
  return [
    `${count(tracking.delivered)} of ${count(tracking.recipients)} delivered`,
    ...(tracking.failed > 0 ? [`${count(tracking.failed)} failed`] : []),
    ...(tracking.pending > 0 ? [`${count(tracking.pending)} pending`] : []),
    ...(tracking.status === "sending" && tracking.waits_until !== null ? [`waits until ${until(tracking.waits_until)}`] : []),
    ending(tracking) ?? "",
  ]
    .filter((part) => part !== "")
    .join(" · ");
}

function unitOf({ channels }: Tracking): string {
  if (channels.length > 1) return "messages";
  return channels[0]?.channel === "email" ? "emails" : "SMS";
}

/** The same for the narrow foot of a phone. */
export function trackingShort(tracking: Tracking): string {
  const { status, starts_at: starts, waits_until: waits, delivered, recipients, failed } = tracking;
  if (status === "scheduled" && starts !== null) return `${count(recipients)} ${unitOf(tracking)} · starts ${soon(starts)}`;
  const done = `${count(delivered)} of ${count(recipients)}`;
  if (status === "paused") return `Paused · ${done} delivered`;
  if (status === "sending" && waits !== null) return `${done} · waits until ${until(waits)}`;
  return `${done} delivered${failed > 0 ? ` · ${count(failed)} failed` : ""}`;
}

interface TrackingRailProps {
  tracking: Tracking;
  broadcastId: string;
  isStale: boolean;
  /** What of a sequence follows next. */
  next?: string | null;
}

export function TrackingRail({ tracking, broadcastId, isStale, next = null }: TrackingRailProps) {
  const { open } = usePeople();
  const leftOut = leftOutTotal(tracking.left_out);
  const gone = tracking.left.reduce((sum, { contacts }) => sum + contacts, 0);
  // That it is paused is said above the number; here why, where nobody did it.
  const end = tracking.status === "paused" ? stoppedWord(tracking) : ending(tracking);
  // Tracking itself says why.
  const waits = tracking.waits_until === null ? null : `Waits until ${until(tracking.waits_until)}`;
  const line = (label: string, show: string, value: number) => (
    <li key={show}>
      <span>{label}</span>
      <Link to="/broadcasts/$id/tracking" params={{ id: broadcastId }} search={{ show }} className="number-link" aria-label={`${count(value)} ${label}, show the messages`}>
        <Figure value={value} isStale={isStale} />
      </Link>
    </li>
  );
  return (
    <Stack gap={16}>
      <div>
        <BroadcastStatusChip status={tracking.status} />
        <div className={classes["main"]}>
          <Figure value={tracking.delivered} isStale={isStale} /> <span className={classes["unit"]}>delivered of {count(tracking.recipients)}</span>
        </div>
      </div>
      <Bar
        whole={tracking.recipients}
        parts={[
          { id: "delivered", value: tracking.delivered, tone: "good" },
          { id: "on_the_way", value: tracking.on_the_way + tracking.uncertain + tracking.unknown, tone: "care" },
          { id: "failed", value: tracking.failed, tone: "bad" },
          { id: "other", value: tracking.skipped + tracking.cancelled + tracking.no_receipt, tone: "skip" },
        ]}
      />
      <ul className={classes["facts"]}>
        {line("Pending", "pending", tracking.pending)}
        {!isOver(tracking) || tracking.on_the_way > 0 ? line("On the way", "on_the_way", tracking.on_the_way) : null}
        {line("Failed", "failed", tracking.failed)}
        {tracking.uncertain > 0 && line("Uncertain", "uncertain", tracking.uncertain)}
        {tracking.unknown > 0 && line("Unknown", "unknown", tracking.unknown)}
        {tracking.no_receipt > 0 && line("Sent, no receipt", "no_receipt", tracking.no_receipt)}
        {gone > 0 && (
          <li>
            <span>Left the sequence</span>
            <Figure value={gone} isStale={isStale} />
          </li>
        )}
        {tracking.channels.length < 2 ? (
          <li>
            <span>Left out</span>
            <button type="button" data-opens className="number-link" onClick={() => open("left_out")} aria-label={`${count(leftOut)} left out, show the reasons`}>
              <Figure value={leftOut} isStale={isStale} />
            </button>
          </li>
        ) : (
          tracking.channels.map(({ channel, left_out: counts }) => (
            <li key={channel}>
              <span>{channel === "sms" ? "Not by SMS" : "Not by email"}</span>
              <button type="button" data-opens className="number-link" onClick={() => open("left_out")} aria-label={`${count(leftOutTotal(counts))} not reached by ${channel === "sms" ? "SMS" : "email"}, show the reasons`}>
                <Figure value={leftOutTotal(counts)} isStale={isStale} />
              </button>
            </li>
          ))
        )}
        <li>
          <span>Cost</span>
          <Amount isStale={isStale}>{money(tracking.cost)}</Amount>
        </li>
      </ul>
      {tracking.waiting_note !== null && <Notice kind="care">{waits ?? tracking.waiting_note}</Notice>}
      {end !== null && <Text c="dimmed">{end}</Text>}
      {next !== null && <Text c="dimmed">{next}</Text>}
    </Stack>
  );
}
