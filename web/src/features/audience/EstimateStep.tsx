/** Whom of the matched people each channel reaches, and how the contacts narrow to them. */
import { Text, VisuallyHidden } from "@mantine/core";
import { useAudienceFields, useWaterfall } from "@/api/audience";
import { useLiveAudience } from "@/api/liveAudience";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { count, share } from "@/lib/format";
import type { People } from "@/lib/people";
import type { Broadcast, Estimate } from "@/api/types";
import { Announce } from "@/ui/Announce";
import { Figure } from "@/ui/Figure";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";
import { Failed, WaitingRows } from "@/ui/States";
import { StepPage } from "@/ui/StepPage";
import { freshnessWord } from "./Freshness";
import { Waterfall } from "./Waterfall";
import classes from "./Estimate.module.css";

export function EstimateStep() {
  const { broadcast } = useDraft();
  const { filter } = broadcast;
  const live = useLiveAudience(broadcast.id, filter);
  const { data: words } = useAudienceFields();
  const waterfall = useWaterfall(filter, live.estimate?.counted_at ?? "");
  const isOffline = live.connection === "offline";
  const isStale = live.arePeopleStale || isOffline;
  return (
    <StepPage title="Estimated Audience" hint={`${freshnessWord(live.freshness) ?? "Counted from your contacts as they are now."} Each number opens its people.`}>
      {isOffline && <Notice kind="offline">Offline: these numbers may be old. Clarion reconnects by itself.</Notice>}
      {live.problem !== null && <Notice kind="bad" isAlert>{live.problem.detail}</Notice>}
      {live.estimate === null && live.problem === null && <WaitingRows rows={2} height={84} />}
      {live.estimate !== null && <Figures estimate={live.estimate} isStale={isStale} broadcast={broadcast} />}
      {waterfall.data !== undefined && words !== undefined && (
        <Waterfall first={broadcast.broadcast_type === "email" ? "email" : "sms"} waterfall={waterfall.data} filter={filter} words={words} isStale={isStale || waterfall.isPlaceholderData} />
      )}
      {waterfall.data === undefined && live.problem === null && !isOffline && (
        waterfall.error === null ? <WaitingRows rows={7} /> : <Failed error={waterfall.error} onRetry={() => void waterfall.refetch()} />
      )}
      <NextStep after="estimate" />
    </StepPage>
  );
}

function Figures({ estimate, isStale, broadcast }: { estimate: Estimate; isStale: boolean; broadcast: Broadcast }) {
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft" && broadcast.broadcast_type === "sms_email");
  const isBehind = isStale || outlook?.version !== broadcast.version;
  const { open } = usePeople();
  const { matched, total, sms, email } = estimate;
  const tile = (people: People, label: string, value: number, note: string, isOld = isStale) => (
    <button key={people} type="button" className={classes["tile"]} onClick={() => open(people)}>
      <span>{label}</span>{" "}
      <span className={classes["number"]}>
        <Figure value={value} isStale={isOld} />
      </span>{" "}
      <Text span size="xs" c="dimmed">
        {note}
        <VisuallyHidden>, show the people</VisuallyHidden>
      </Text>
    </button>
  );
  const bySms = tile("reachable", "Reachable by SMS", sms.reachable, `${share(sms.reachable, matched)} of the matched`);
  const byEmail = tile("email.reachable", "Reachable by email", email.reachable, `${share(email.reachable, matched)} of the matched`);
  return (
    <>
      <div className={classes["tiles"]}>
        {tile("matched", "Matched", matched, `of ${count(total)} contacts`)}
        {outlook !== undefined && tile("by.any", "Reached by either", outlook.will_send, `${share(outlook.will_send, matched)} of the matched`, isBehind)}
        {broadcast.broadcast_type === "email" ? [byEmail, bySms] : [bySms, byEmail]}
      </div>
      <Announce>{`${count(sms.reachable)} of ${count(matched)} reachable by SMS, ${count(email.reachable)} by email`}</Announce>
    </>
  );
}
