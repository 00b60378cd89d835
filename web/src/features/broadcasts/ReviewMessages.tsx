/** What is sent: one message as the first person reads it, or the steps of a sequence with their dates. */
import { Stack, Text } from "@mantine/core";
import { usePreview } from "@/api/preview";
import { useDraft } from "@/api/useDraft";
import { firstDate, whenOf } from "@/lib/sequence/days";
import { conditionSaid, fullTitleOf, howSaid, messagesSaid, whenSaid, windowSaid } from "@/lib/sequence/words";
import { zoneWord } from "@/lib/zones";
import type { Outlook, Step } from "@/api/types";
import { Bubble } from "@/ui/Bubble";
import { ChannelIcon } from "@/ui/ChannelIcon";
import classes from "./ReviewStep.module.css";

export function Message({ step }: { step: Step }) {
  return (
    <Stack gap={12}>
      {step.channel !== "email" && <Sms step={step} />}
      {step.channel !== "sms" && <Email step={step} />}
    </Stack>
  );
}

function Sms({ step }: { step: Step }) {
  const { broadcast } = useDraft();
  const preview = usePreview(broadcast.id, { step_id: step.id, channel: "sms", limit: 1 });
  const first = preview.data?.recipients[0];
  if (step.body.trim() === "") return <Text c="dimmed">No message yet</Text>;
  if (first?.sms === undefined || first.sms === null) return <Text style={{ whiteSpace: "pre-wrap" }}>{step.body}</Text>;
  return (
    <Stack gap={4} align="flex-start">
      <Bubble text={first.sms.text} isStale={preview.isPlaceholderData} />
      <Text size="xs" c="dimmed">
        as {first.name} gets it
      </Text>
    </Stack>
  );
}

function Email({ step }: { step: Step }) {
  if (step.subject.trim() === "") return <Text c="dimmed">No email yet</Text>;
  return (
    <div>
      <Text fw={550}>{step.subject}</Text>
      {step.preheader !== "" && <Text c="dimmed">{step.preheader}</Text>}
    </div>
  );
}

/** With the number of people and messages while it is a draft. */
export function ReviewSteps({ outlook }: { outlook: Outlook | undefined }) {
  const { broadcast } = useDraft();
  const dayOne = firstDate(broadcast.steps, new Date(), broadcast.launched_at);
  return (
    <ol className={classes["steps"]}>
      {broadcast.steps.map((step) => {
        const figures = outlook?.steps.find(({ step_id: id }) => id === step.id);
        const clock = step.zone_mode === "recipient" ? "on each recipient’s clock" : zoneWord(step.time_zone);
        const window = windowSaid(step);
        const narrowed = [window === null ? null : `Sent ${window}`, conditionSaid(step.condition)].filter((each) => each !== null);
        return (
          <li key={step.id}>
            <ChannelIcon channel={step.channel} />
            <div>
              <Text fw={550}>{fullTitleOf(step)}</Text>
              <Text>
                {whenSaid(whenOf(step, dayOne), step.send_mode === "now")}
                {step.send_mode === "later" && ` ${clock}`}
                {figures !== undefined && ` · ${step.condition === null ? "" : "up to "}${messagesSaid(figures.messages)}`}
              </Text>
              <Text c="dimmed">{[howSaid(step), ...narrowed].join(". ")}.</Text>
              <Text c="dimmed" lineClamp={2}>
                {[step.channel === "sms" ? null : step.subject, step.channel === "email" ? null : step.body].filter((each) => each !== null && each.trim() !== "").join(" · ") || "Nothing written yet"}
              </Text>
            </div>
          </li>
        );
      })}
    </ol>
  );
}
