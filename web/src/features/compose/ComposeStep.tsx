/** What each step says, on each of its channels. */
import { Title } from "@mantine/core";
import { canStillChange, OfStep } from "@/api/ofStep";
import { useDraft } from "@/api/useDraft";
import { useChosenStep } from "@/ui/inAddress";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { SaveHeld } from "@/ui/SaveHeld";
import { StepPage } from "@/ui/StepPage";
import { AddStep } from "./AddStep";
import { EmailPart, type StepEmailEditor } from "./EmailPart";
import { SmsPart } from "./SmsPart";
import { StepHead } from "./StepHead";
import { StepList } from "./StepList";
import { usePreviewPeople } from "./usePreviewPeople";
import classes from "./Compose.module.css";

export function ComposeStep({ EmailEditor }: { EmailEditor: StepEmailEditor }) {
  const { broadcast, isReadOnly } = useDraft();
  const { step } = useChosenStep();
  const isSequence = broadcast.steps.length > 1;
  const isOpen = isReadOnly && canStillChange(broadcast, step);
  return (
    <StepPage title="Compose" {...(isOpen ? {} : { step: "compose" })}>
      {isSequence && <StepList current={step} />}
      {isOpen && <Notice kind="info">This step has not begun, so it can still be changed. What a change does to whom is said before it is saved.</Notice>}
      <OfStep id={step.id}>
        <Content key={step.id} EmailEditor={EmailEditor} isSequence={isSequence} />
      </OfStep>
      {!isSequence && !isReadOnly && <AddStep />}
      <NextStep after="compose" />
    </StepPage>
  );
}

function Content({ EmailEditor, isSequence }: { EmailEditor: StepEmailEditor; isSequence: boolean }) {
  const { broadcast, step } = useDraft();
  const people = usePreviewPeople();
  const isBoth = step.channel === "sms_email";
  return (
    <>
      {(isSequence || broadcast.broadcast_type === "sms_email") && <StepHead isSequence={isSequence} />}
      {step.channel !== "email" && (
        <section aria-label="SMS" className={classes["part"]}>
          {isBoth && <Title order={2}>SMS</Title>}
          <SmsPart people={people} />
        </section>
      )}
      {step.channel !== "sms" && (
        <section aria-label="Email" className={classes["part"]}>
          {isBoth && <Title order={2}>Email</Title>}
          <EmailPart Editor={EmailEditor} people={people} />
        </section>
      )}
      <SaveHeld />
    </>
  );
}
