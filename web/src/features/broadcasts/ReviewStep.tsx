/** Everything on one page, and the button that sends. */
import { Skeleton, Stack, Text } from "@mantine/core";
import type { ReactNode } from "react";
import { useAudienceFields } from "@/api/audience";
import { useNames } from "@/api/named";
import { useOutlook } from "@/api/outlook";
import { usePreview } from "@/api/preview";
import { useDraft } from "@/api/useDraft";
import { audienceModeWords } from "@/lib/audienceMode";
import { doneWord } from "@/lib/done";
import { about, broadcastTypeWord, count, countOf, dayAndTime, money } from "@/lib/format";
import { sentence } from "@/lib/filter/sentence";
import { anyReasonWords, inOrder, leftOutTotal } from "@/lib/reasons";
import { rulesLines } from "@/lib/sendingRules";
import { steps, type WizardStepKey } from "@/lib/steps";
import { ownZone, zoneWord } from "@/lib/zones";
import type { Outlook } from "@/api/types";
import { Bubble } from "@/ui/Bubble";
import { Figure } from "@/ui/Figure";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";
import { StepPage } from "@/ui/StepPage";
import { LaunchPanel } from "./LaunchPanel";
import classes from "./ReviewStep.module.css";

export function ReviewStep() {
  const { broadcast, step, isReadOnly, hasUnsaved } = useDraft();
  const { data } = useOutlook(broadcast.id, !isReadOnly);
  // After the launch the rail tells what came of it.
  const outlook = isReadOnly ? undefined : data;
  const { data: words } = useAudienceFields();
  const nameOf = useNames(broadcast.filter);
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
        <Line label="Message" edit="compose">
          <Message />
        </Line>
        {outlook !== undefined && (
          <Line label="Cost" edit="compose">
            {outlook.segments === 0
              ? "No cost yet"
              : `${about(money(outlook.cost), outlook.exact)} · ${countOf(outlook.segments, "segment")}`}
          </Line>
        )}
        <Line label="Time" edit="schedule">
          {step.send_mode === "now" ? "Immediately" : <When />}
          {outlook !== undefined && <Text c="dimmed">{doneWord(outlook)}</Text>}
          {outlook !== undefined && outlook.hours_note !== null && <div className={classes["hours"]}><Notice kind="care">{outlook.hours_note}</Notice></div>}
        </Line>
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

function Recipients({ outlook, isStale }: { outlook: Outlook; isStale: boolean }) {
  const { open } = usePeople();
  const reasons = inOrder(outlook.left_out);
  return (
    <>
      <button type="button" className="number-link" onClick={() => open("reachable")}>
        <Figure value={outlook.will_send} isStale={isStale} /> will get an SMS
      </button>
      {reasons.length > 0 && (
        <Text c="dimmed">
          {count(leftOutTotal(outlook.left_out))} left out:{" "}
          {reasons.map(({ reason, contacts }) => `${anyReasonWords(reason).label.toLowerCase()} ${count(contacts)}`).join(", ")}
        </Text>
      )}
    </>
  );
}

function Message() {
  const { broadcast, step } = useDraft();
  const preview = usePreview(broadcast.id, step.body, null);
  const first = preview.data?.recipients[0];
  if (step.body.trim() === "") return <Text c="dimmed">No message yet</Text>;
  if (first === undefined) return <Text style={{ whiteSpace: "pre-wrap" }}>{step.body}</Text>;
  return (
    <Stack gap={4} align="flex-start">
      <Bubble text={first.text} isStale={preview.isPlaceholderData} />
      <Text size="xs" c="dimmed">
        as {first.name} gets it
      </Text>
    </Stack>
  );
}

function When() {
  const { step } = useDraft();
  if (step.scheduled_at === null) return <>No time yet</>;
  const isElsewhere = step.time_zone !== ownZone();
  return (
    <>
      {dayAndTime(step.scheduled_at, step.time_zone)} {zoneWord(step.time_zone)}
      {isElsewhere && <Text c="dimmed">{dayAndTime(step.scheduled_at)} in your time zone</Text>}
    </>
  );
}
