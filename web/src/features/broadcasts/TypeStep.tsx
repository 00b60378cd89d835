/** Which kind of broadcast, and its name. */
import { TextInput } from "@mantine/core";
import { IconMail, IconMessage, IconMessages } from "@tabler/icons-react";
import { useState } from "react";
import { useMe } from "@/api/session";
import { useDraft } from "@/api/useDraft";
import type { BroadcastType } from "@/api/types";
import { StepPage } from "@/ui/StepPage";
import { NextStep } from "@/ui/NextStep";
import { StartFromSequence } from "./StartFromSequence";
import classes from "./TypeStep.module.css";

const kinds = [
  { type: "sms", name: "SMS", hint: "Text messages: one, or several over days", icon: IconMessage },
  { type: "email", name: "Email", hint: "Emails: one, or several over days", icon: IconMail },
  { type: "sms_email", name: "SMS & Email", hint: "Both, or the one that reaches the person", icon: IconMessages },
] as const;

export function TypeStep() {
  const { broadcast, isReadOnly, change, generation } = useDraft();
  const { data: me } = useMe();
  const offered: BroadcastType[] = me?.broadcast_types ?? ["sms"];
  return (
    <StepPage title="Select Broadcast Type" step="type">
      <NameField key={generation} />
      <fieldset className={classes["kinds"]} disabled={isReadOnly}>
        <legend>How will people get it?</legend>
        {kinds.map(({ type, name, hint, icon: Mark }) => {
          const isOffered = offered.includes(type);
          return (
            <label key={type} className={classes["kind"]} data-disabled={!isOffered || undefined}>
              <input
                type="radio"
                name="broadcast_type"
                value={type}
                aria-label={name}
                checked={broadcast.broadcast_type === type}
                disabled={!isOffered}
                onChange={() => change({ broadcast: { broadcast_type: type } })}
              />
              <Mark size={24} stroke={1.6} aria-hidden />
              <span className={classes["kindName"]}>{name}</span>
              <span className={classes["hint"]}>{hint}</span>
              {!isOffered && <span className={classes["coming"]}>Coming</span>}
            </label>
          );
        })}
      </fieldset>
      {!isReadOnly && <StartFromSequence />}
      <NextStep after="type" />
    </StepPage>
  );
}

function NameField() {
  const { broadcast, isReadOnly, change, faults } = useDraft();
  const [name, setName] = useState(broadcast.name);
  const fault = faults.find(({ pointer }) => pointer === "/name")?.detail;
  const type = (next: string) => {
    setName(next);
    if (next.trim() !== "") change({ broadcast: { name: next.trim() } });
  };
  return (
    <TextInput
      label="Name"
      description="Only your team sees it."
      placeholder="Autumn offer, Texas"
      maw={480}
      maxLength={200}
      disabled={isReadOnly}
      value={name}
      onFocus={(event) => event.currentTarget.select()}
      error={name.trim() === "" && broadcast.name !== "" ? "A broadcast needs a name; the last one is kept." : fault}
      onChange={(event) => type(event.currentTarget.value)}
    />
  );
}
