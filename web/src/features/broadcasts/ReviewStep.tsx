/** Everything on one page, and the button that sends. */
import { Skeleton, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useAudienceFields } from "@/api/audience";
import { useNames } from "@/api/named";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { audienceModeWords } from "@/lib/audienceMode";
import { doneWord } from "@/lib/done";
import { about, broadcastTypeWord, countOf, dayAndTime, money } from "@/lib/format";
import { sentence } from "@/lib/filter/sentence";
import { rulesLines } from "@/lib/sendingRules";
import { sequenceLines } from "@/lib/sequence/rules";
import { steps, type WizardStepKey } from "@/lib/steps";
import { ownZone, zoneWord } from "@/lib/zones";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { StepPage } from "@/ui/StepPage";
import { LaunchPanel } from "./LaunchPanel";
import { Message, ReviewSteps } from "./ReviewMessages";
import { Recipients } from "./ReviewRecipients";
import classes from "./ReviewStep.module.css";

export function ReviewStep() {
  const { broadcast, step, isReadOnly, hasUnsaved } = useDraft();
  const { data } = useOutlook(broadcast.id, !isReadOnly);
  // After the launch the rail tells what came of it.
  const outlook = isReadOnly ? undefined : data;
  const { data: words } = useAudienceFields();
  const nameOf = useNames(broadcast.filter);
  const goalNameOf = useNames(broadcast.goal ?? broadcast.filter);
  const isSequence = broadcast.steps.length > 1;
  const hasSms = broadcast.broadcast_type !== "email";
  const goalSaid = broadcast.goal === null || words === undefined ? null : sentence(broadcast.goal, words, goalNameOf);
  const said = sequenceLines(broadcast, goalSaid);
  const isStale = hasUnsaved || outlook?.version !== broadcast.version;
  return (
    <StepPage title="Review" hint="Read it once more as the people will get it.">
      <dl className={classes["list"]}>
        <Line label="Type" edit="type">
          {broadcastTypeWord(broadcast.broadcast_type)}
          <Text span c="dimmed">
            {" "}
            · {broadcast.name || "Untitled broadcast"}
          </Text>
        </Line>
        <Line label="Audience" edit="audience">
          {words === undefined ? <Skeleton h={20} /> : sentence(broadcast.filter, words, nameOf)}
          {step.send_mode === "later" && <Text c="dimmed">{audienceModeWords(broadcast.audience_mode).said}</Text>}
        </Line>
        {outlook !== undefined && (
          <Line label="Recipients" edit="estimate">
            <Recipients outlook={outlook} isStale={isStale} />
          </Line>
        )}
        <Line label={isSequence ? "Steps" : "Message"} edit="compose">
          {isSequence ? <ReviewSteps outlook={outlook} /> : <Message step={step} />}
        </Line>
        {outlook !== undefined && (
          <Line label="Cost" edit="compose">
            {outlook.segments === 0
              ? hasSms ? "No cost yet" : "Nothing is reckoned for emails"
              : `${about(money(outlook.cost), outlook.exact)} · ${countOf(outlook.segments, "segment")}`}
          </Line>
        )}
        <Line label="Time" edit="schedule">
          {isSequence && "The first step: "}
          {step.send_mode === "now" ? "Immediately" : <When />}
          {outlook !== undefined && <Text c="dimmed">{doneWord(outlook)}</Text>}
          {outlook !== undefined && outlook.hours_note !== null && <div className={classes["hours"]}><Notice kind="care">{outlook.hours_note}</Notice></div>}
        </Line>
        {said.length > 0 && (
          <Line label={isSequence ? "Sequence" : "Tracking"} edit="schedule">
            <ul className={classes["rules"]}>
              {said.map((line) => (
                <li key={line}>{line}</li>
              ))}
            </ul>
          </Line>
        )}
        <Line label="Sending options" edit="schedule">
          <ul className={classes["rules"]}>
            {rulesLines(broadcast).map((line) => (
              <li key={line}>{line}</li>
            ))}
          </ul>
        </Line>
      </dl>
      {!isReadOnly && outlook !== undefined && <LaunchPanel outlook={outlook} isStale={isStale} />}
    </StepPage>
  );
}

function Line({ label, edit, children }: { label: string; edit: WizardStepKey; children: ReactNode }) {
  const { broadcast, isReadOnly } = useDraft();
  const target = steps.find(({ key }) => key === edit) ?? steps[0];
  return (
    <div className={classes["line"]}>
      <dt>{label}</dt>
      <dd>{children}</dd>
      <dd className={classes["edit"]}>
        <TextLink to={target.to} params={{ id: broadcast.id }} aria-label={`${isReadOnly ? "Open" : "Edit"} ${label.toLowerCase()}`}>
          {isReadOnly ? "Open" : "Edit"}
        </TextLink>
      </dd>
    </div>
  );
}

function When() {
  const { step } = useDraft();
  if (step.scheduled_at === null) return <>No time yet</>;
  if (step.zone_mode === "recipient" && step.due_for !== null) return <>{dayAndTime(`${step.due_for}Z`, "UTC")} on each recipient’s own clock</>;
  const isElsewhere = step.time_zone !== ownZone();
  return (
    <>
      {dayAndTime(step.scheduled_at, step.time_zone)} {zoneWord(step.time_zone)}
      {isElsewhere && <Text c="dimmed">{dayAndTime(step.scheduled_at)} in your time zone</Text>}
    </>
  );
}
