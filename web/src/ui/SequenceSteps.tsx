/** The course of a kept sequence: each step with its day, its channel and what it is about. */
import { Text, VisuallyHidden } from "@mantine/core";
import type { KeptStep } from "@/api/types";
import { ChannelIcon } from "./ChannelIcon";
import classes from "./SequenceSteps.module.css";

const channelWords = { sms: "SMS", email: "Email", sms_email: "SMS & Email" };

export function SequenceSteps({ steps }: { steps: KeptStep[] }) {
  return (
    <ol className={classes["steps"]}>
      {steps.map((step, index) => (
        <li key={index} className={classes["step"]}>
          <span className={classes["day"]}>
            Day {step.day_number}
            {step.day_time !== null && <span className={classes["time"]}>{step.day_time.replace(/^0/, "")}</span>}
          </span>
          <span className={classes["sign"]}>
            <ChannelIcon channel={step.channel} size={16} />
            <VisuallyHidden>{channelWords[step.channel]}</VisuallyHidden>
          </span>
          <span className={classes["says"]}>
            {step.says || "Nothing written yet"}
            {step.is_conditional && (
              <Text span size="xs" c="dimmed">
                {" "}
                · only for some
              </Text>
            )}
          </span>
        </li>
      ))}
    </ol>
  );
}
