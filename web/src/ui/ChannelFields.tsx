/** On which channel a step goes, and how a person is reached who has both; only a broadcast of both has the choice. */
import { NumberInput, Radio, SegmentedControl, Stack, Text } from "@mantine/core";
import { useState } from "react";
import { useDraft } from "@/api/useDraft";
import { howSaid } from "@/lib/sequence/words";
import type { Step } from "@/api/types";
import classes from "./ChannelFields.module.css";

const channels = [
  { value: "sms", label: "SMS" },
  { value: "email", label: "Email" },
  { value: "sms_email", label: "Both" },
] as const;

const first = [
  { value: "email", label: "Email" },
  { value: "sms", label: "SMS" },
] as const;

const ways = [
  { value: "both", label: "Both at once", description: "Everybody gets an SMS and an email, as far as they reach them." },
  { value: "preferred", label: "The one the person prefers", description: "One message to each person." },
  { value: "second_if_needed", label: "One first, the other if needed", description: "The second only if the first fails, or is not opened, clicked or answered in time." },
] as const;

const MOST_HOURS = 168;

const chosen = <T extends string>(from: readonly { value: T }[], value: string): T | undefined => from.find((each) => each.value === value)?.value;

export function ChannelFields() {
  const { broadcast, step, change, isReadOnly, generation } = useDraft();
  if (broadcast.broadcast_type !== "sms_email") return null;
  const isBoth = step.channel === "sms_email";
  return (
    <Stack gap={12}>
      <div>
        <Text fw={600} mb={4} id={`channel-${step.id}`}>
          Channel
        </Text>
        <SegmentedControl
          aria-labelledby={`channel-${step.id}`}
          className={classes["channel"]}
          data={[...channels]}
          value={step.channel}
          disabled={isReadOnly}
          onChange={(value) => change({ step: { channel: chosen(channels, value) ?? step.channel } })}
        />
      </div>
      {isBoth && (
        <Radio.Group label="How does it reach a person?" value={step.both_how} onChange={(value) => change({ step: { both_how: chosen(ways, value) ?? step.both_how } })}>
          <div className={classes["ways"]}>
            {ways.map(({ value, label, description }) => (
              <Radio key={value} value={value} label={label} description={description} disabled={isReadOnly} />
            ))}
          </div>
        </Radio.Group>
      )}
      {isBoth && step.both_how !== "both" && <Details key={`${generation} ${step.id}`} />}
      {isBoth && step.both_how !== "both" && <Text c="dimmed">{howSaid(step)}.</Text>}
    </Stack>
  );
}

function Details() {
  const { step, change, isReadOnly, faults } = useDraft();
  const isSecond = step.both_how === "second_if_needed";
  return (
    <div className={classes["details"]}>
      <div>
        <Text size="sm" fw={600} mb={4} id={`first-${step.id}`}>
          {isSecond ? "Begin with" : "Where no preference is known"}
        </Text>
        <SegmentedControl
          aria-labelledby={`first-${step.id}`}
          data={[...first]}
          value={step.first_channel}
          disabled={isReadOnly}
          onChange={(value) => change({ step: { first_channel: chosen(first, value) ?? step.first_channel } })}
        />
      </div>
      {isSecond && <Hours step={step} fault={faults.find(({ pointer }) => pointer === "/second_after_hours")?.detail} isReadOnly={isReadOnly} onChange={(hours) => change({ step: { second_after_hours: hours } })} />}
    </div>
  );
}

function Hours({ step, fault, isReadOnly, onChange }: { step: Step; fault: string | undefined; isReadOnly: boolean; onChange: (hours: number) => void }) {
  const [typed, setTyped] = useState<number | string>(step.second_after_hours);
  const isRight = typeof typed === "number" && typed >= 1 && typed <= MOST_HOURS;
  return (
    <NumberInput
      label="Hours until the second"
      className={classes["hours"]}
      value={typed}
      min={1}
      max={MOST_HOURS}
      clampBehavior="none"
      allowDecimal={false}
      allowNegative={false}
      readOnly={isReadOnly}
      error={isRight ? fault : `Give a whole number from 1 to ${MOST_HOURS}; ${step.second_after_hours} is kept.`}
      onChange={(next) => {
        setTyped(next);
        if (typeof next === "number" && next >= 1 && next <= MOST_HOURS) onChange(next);
      }}
    />
  );
}
