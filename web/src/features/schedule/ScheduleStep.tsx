/** When it goes out: at once, or at a time on somebody's clock. */
import { Radio, Stack, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { noEndWord } from "@/lib/done";
import { until } from "@/lib/format";
import type { Outlook } from "@/api/types";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { StepPage } from "@/ui/StepPage";
import { AudienceModeChoice } from "./AudienceModeChoice";
import { MoreOptions } from "./MoreOptions";
import classes from "./Schedule.module.css";

const LaterFields = lazy(() => import("./LaterFields").then((module) => ({ default: module.LaterFields })));

export function ScheduleStep() {
  const { broadcast, step, isReadOnly, change, generation } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const isLater = step.send_mode === "later";
  return (
    <StepPage title="Schedule Your Broadcast" step="schedule">
      <div className={classes["card"]}>
        <Radio.Group
          label="When should it be sent?"
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
            <LaterFields key={generation} />
          </Suspense>
        )}
        {isLater && <AudienceModeChoice />}
      </div>
      <MoreOptions />
      <Notice kind="info">It runs on the server. You can close this page, and the broadcast still goes out.</Notice>
      {!isReadOnly && outlook !== undefined && <Course outlook={outlook} />}
      <NextStep after="schedule" />
    </StepPage>
  );
}

/** What the choices above come to. */
function Course({ outlook }: { outlook: Outlook }) {
  const { will_send: messages, done_at: done, hours_note: hours } = outlook;
  return (
    <>
      {hours !== null && <Notice kind="care">{hours}</Notice>}
      {messages > 0 && <Text c="dimmed">{done === null ? `When the last SMS leaves: ${noEndWord(outlook)}.` : `The last SMS leaves at about ${until(done)}.`}</Text>}
    </>
  );
}
