/** When it goes out: at once, or at a time on somebody's clock; with more than one step, the whole sequence. */
import { Button, Radio, Stack, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { lazy, Suspense } from "react";
import { useOutlook } from "@/api/outlook";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { noEndWord } from "@/lib/done";
import { until } from "@/lib/format";
import type { Outlook } from "@/api/types";
import { useStepPanel } from "@/ui/inAddress";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { StepPage } from "@/ui/StepPage";
import { AudienceModeChoice } from "./AudienceModeChoice";
import { MoreOptions } from "./MoreOptions";
import { SequenceOptions } from "./SequenceOptions";
import classes from "./Schedule.module.css";

const LaterFields = lazy(() => import("./LaterFields").then((module) => ({ default: module.LaterFields })));
const Timeline = lazy(() => import("./Timeline").then((module) => ({ default: module.Timeline })));

export function ScheduleStep() {
  const { broadcast, step, isReadOnly, change, generation } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const isLater = step.send_mode === "later";
  const isSequence = broadcast.steps.length > 1;
  return (
    <StepPage title="Schedule Your Broadcast" step="schedule">
      <div className={classes["card"]}>
        <Radio.Group
          label={isSequence ? "When does it begin?" : "When should it be sent?"}
          value={step.send_mode}
          onChange={(mode) => change({ step: { send_mode: mode === "later" ? "later" : "now" } })}
        >
          <Stack gap={12} mt={8}>
            <Radio value="now" label="Send immediately" description="It starts when you press Send in the review." disabled={isReadOnly} />
            <Radio value="later" label="Schedule for later" description="It starts by itself at the time you choose." disabled={isReadOnly} />
          </Stack>
        </Radio.Group>
        {isLater && (
          <Suspense fallback={<div style={{ height: 120 }} />}>
            <LaterFields key={`${generation} ${step.id}`} />
          </Suspense>
        )}
        {isLater && <AudienceModeChoice />}
      </div>
      {isSequence ? (
        <Suspense fallback={<div style={{ height: 480 }} />}>
          <Timeline />
        </Suspense>
      ) : (
        !isReadOnly && <MoreOfTime />
      )}
      <SequenceOptions />
      <MoreOptions />
      <Notice kind="info">It runs on the server. You can close this page, and the broadcast still goes out.</Notice>
      {!isReadOnly && outlook !== undefined && <Course outlook={outlook} />}
      <NextStep after="schedule" />
    </StepPage>
  );
}

/** What most broadcasts of one message do without. */
function MoreOfTime() {
  const { step } = useDraft();
  const { add, addStep } = useStepCommands();
  const { open } = useStepPanel();
  return (
    <div>
      <div className={classes["add"]}>
        {step.send_mode === "later" && (
          <Button variant="subtle" color="gray" onClick={() => open(step.id)}>
            Clock, hours and days
          </Button>
        )}
        <Button variant="subtle" color="gray" leftSection={<IconPlus size={16} aria-hidden />} loading={add.isPending} onClick={() => addStep(open)}>
          Add a step
        </Button>
      </div>
      {add.isError && <Notice kind="bad" isAlert>{inWords(add.error)}</Notice>}
    </div>
  );
}

/** What the choices above come to. */
function Course({ outlook }: { outlook: Outlook }) {
  const { will_send: messages, done_at: done, hours_note: hours, channels } = outlook;
  const what = channels.length === 1 && channels[0]?.channel === "sms" ? "SMS" : channels.length === 1 ? "email" : "message";
  return (
    <>
      {hours !== null && <Notice kind="care">{hours}</Notice>}
      {messages > 0 && <Text c="dimmed">{done === null ? `When the last ${what} leaves: ${noEndWord(outlook)}.` : `The last ${what} leaves at about ${until(done)}.`}</Text>}
    </>
  );
}
