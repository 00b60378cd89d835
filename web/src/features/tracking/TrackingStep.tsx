/** What came of the broadcast, by itself up to date. */
import { Stack } from "@mantine/core";
import { Navigate } from "@tanstack/react-router";
import { inWords } from "@/api/problem";
import { useTracking } from "@/api/tracking";
import { useDraft } from "@/api/useDraft";
import { count, countOf, money, rate, share, soon, until } from "@/lib/format";
import { stoppedWord } from "@/lib/paused";
import type { Tracking } from "@/api/types";
import { Announce } from "@/ui/Announce";
import { Bar } from "@/ui/Bar";
import { Notice } from "@/ui/Notice";
import { Failed, WaitingRows } from "@/ui/States";
import { StepPage } from "@/ui/StepPage";
import { Commands, isUnderWay } from "./Commands";
import { Drift } from "./Drift";
import { Errors } from "./Errors";
import { Gone } from "./Gone";
import { LeftOut } from "./LeftOut";
import { MessageTable } from "./MessageTable";
import { Reactions } from "./Reactions";
import { RetryFailed } from "./RetryFailed";
import { SendingOptions } from "./SendingOptions";
import { mainShows, moreShows, unwritten } from "./shows";
import { Standing } from "./Standing";
import { StepTable } from "./StepTable";
import { Tiles } from "./Tiles";
import classes from "./Tracking.module.css";

export function TrackingStep() {
  const { broadcast, isReadOnly } = useDraft();
  const { data: tracking, error, refetch } = useTracking(broadcast.id, isReadOnly);
  if (!isReadOnly) return <Navigate to="/broadcasts/$id/review" params={{ id: broadcast.id }} replace />;
  return (
    <StepPage title="Tracking">
      {tracking === undefined && (error === null ? <WaitingRows rows={8} /> : <Failed error={error} onRetry={() => void refetch()} />)}
      {tracking !== undefined && (
        <>
          {error !== null && <Notice kind="offline">{inWords(error)}</Notice>}
          <Numbers tracking={tracking} />
          <MessageTable tracking={tracking} />
        </>
      )}
    </StepPage>
  );
}

function Numbers({ tracking }: { tracking: Tracking }) {
  const { saving } = tracking;
  return (
    <Stack gap="md">
      <Standing tracking={tracking} />
      <Tiles tracking={tracking} />
      <Bar
        whole={tracking.recipients}
        height={10}
        parts={[...mainShows, ...moreShows].flatMap((show) =>
          show.tone === null || show.id === "pending" ? [] : [{ id: show.id, value: show.valueOf(tracking), tone: show.tone }],
        )}
      />
      <div className={classes["meta"]}>
        {metaOf(tracking).map(([key, words]) => (
          <span key={key}>{words}</span>
        ))}
      </div>
      <div className={classes["commands"]}>
        {stoppedWord(tracking) === null && <Commands tracking={tracking} />}
        {isUnderWay(tracking) && <SendingOptions />}
        <RetryFailed tracking={tracking} />
      </div>
      {saving.state === "saving" && (
        <Notice kind="info">
          Saving the recipients: {count(saving.saved)}
          {saving.expected !== null && ` of ${count(saving.expected)}`}
        </Notice>
      )}
      <Drift tracking={tracking} />
      <Reactions tracking={tracking} />
      <StepTable tracking={tracking} />
      <Gone left={tracking.left} />
      <Errors errors={tracking.errors} />
      <LeftOut tracking={tracking} />
      <Announce>{`${count(tracking.delivered)} delivered, ${count(tracking.failed)} failed, ${count(tracking.pending)} pending`}</Announce>
    </Stack>
  );
}

function metaOf(tracking: Tracking): [string, string][] {
  const { status, starts_at: starts, done_at: done, completed_at: completed } = tracking;
  const over = tracking.recipients - tracking.pending - tracking.on_the_way - tracking.uncertain;
  const { retrying: again, to_retry: anew } = tracking;
  return [
    status === "scheduled" && starts !== null ? ["starts", `starts ${soon(starts)}`] : ["share", `${share(over, tracking.recipients + unwritten(tracking))} done`],
    ...(again > 0 ? [["again", `${countOf(again, "message is", "messages are")} tried again later`] satisfies [string, string]] : []),
    ...(anew > 0 ? [["anew", `${countOf(anew, "failed message is", "failed messages are")} still to be sent again`] satisfies [string, string]] : []),
    ...(status === "sending" && tracking.rate_per_second > 0 ? [["rate", rate(tracking.rate_per_second)] satisfies [string, string]] : []),
    ...(completed === null && done !== null && status !== "paused" ? [["done", `done by ${until(done)}`] satisfies [string, string]] : []),
    ...(completed === null ? [] : [["ended", `${tracking.on_the_way > 0 ? "all sent" : "ended"} ${soon(completed)}`] satisfies [string, string]]),
    ["cost", `cost ${money(tracking.cost)}`],
  ];
}
