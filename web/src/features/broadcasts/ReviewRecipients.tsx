/** Whom it reaches, on each channel, and who is left out. */
import { Text } from "@mantine/core";
import { count, countOf } from "@/lib/format";
import { leftOutOf, messagesInAll } from "@/lib/reach";
import { inOrder, leftOutTotal, wordsOf } from "@/lib/reasons";
import type { Outlook } from "@/api/types";
import { Figure } from "@/ui/Figure";
import { usePeople } from "@/ui/People";

export function Recipients({ outlook, isStale }: { outlook: Outlook; isStale: boolean }) {
  const { open } = usePeople();
  const [only] = outlook.channels;
  if (outlook.channels.length > 1) return <OfBoth outlook={outlook} isStale={isStale} />;
  const channel = only?.channel ?? "sms";
  const reasons = inOrder(outlook.left_out);
  const inAll = messagesInAll(outlook);
  return (
    <>
      <button type="button" className="number-link" onClick={() => open(channel === "email" ? "email.reachable" : "reachable")}>
        <Figure value={outlook.will_send} isStale={isStale} /> will get {channel === "email" ? "an email" : "an SMS"}
      </button>
      {inAll !== null && <Text>{inAll} in all</Text>}
      {reasons.length > 0 && (
        <Text c="dimmed">
          {count(leftOutTotal(outlook.left_out))} left out:{" "}
          {reasons.map(({ reason, contacts }) => `${wordsOf(reason, channel).label.toLowerCase()} ${count(contacts)}`).join(", ")}
        </Text>
      )}
    </>
  );
}

function OfBoth({ outlook, isStale }: { outlook: Outlook; isStale: boolean }) {
  const { open } = usePeople();
  const inAll = messagesInAll(outlook);
  return (
    <>
      <button type="button" className="number-link" onClick={() => open("by_channel")}>
        <Figure value={outlook.will_send} isStale={isStale} /> {outlook.will_send === 1 ? "person" : "people"}
      </button>
      {inAll !== null && <Text>{inAll} in all</Text>}
      <Text c="dimmed">
        {outlook.channels.map(({ channel, reachable }) => `${count(reachable)} reached by ${channel === "sms" ? "SMS" : "email"}`).join(", ")};{" "}
        {countOf(leftOutOf(outlook), "person", "people")} by neither
      </Text>
    </>
  );
}
