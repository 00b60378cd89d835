/** The email of a step, in the editor that the screen is given, read as the people it reaches. */
import type { ReactNode } from "react";
import { useAudienceFields } from "@/api/audience";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { withFallback } from "@/lib/insert";
import type { AudienceField, Fault, Step } from "@/api/types";
import { WaitingRows } from "@/ui/States";
import { Attachments } from "./Attachments";
import { MissingTokens } from "./MissingTokens";
import { PersonStepper } from "./PersonStepper";
import { SendTest } from "./SendTest";
import type { PreviewPeople } from "./usePreviewPeople";
import { useUnreached } from "./useUnreached";

export type StepEmail = Pick<Step, "subject" | "preheader" | "email" | "text_part" | "from_name" | "reply_to">;

export interface StepEmailEditorProps {
  value: StepEmail;
  onChange: (change: Partial<StepEmail>) => void;
  fields: AudienceField[];
  preview: { contact: object | null; stepper: ReactNode; unreached: string | null };
  faults: Fault[];
  readOnly: boolean;
}

export type StepEmailEditor = (props: StepEmailEditorProps) => ReactNode;

export function EmailPart({ Editor, people }: { Editor: StepEmailEditor; people: PreviewPeople }) {
  const { broadcast, step, isReadOnly, faults, change, generation } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft");
  const { data: words } = useAudienceFields();
  const unreached = useUnreached("email", people.person);
  const ofStep = outlook?.steps.find(({ step_id: id }) => id === step.id);
  const messages = ofStep?.messages.find(({ channel }) => channel === "email")?.messages ?? null;
  const missing = ofStep?.missing_tokens.filter(({ channel }) => channel === "email") ?? [];
  if (words === undefined) return <WaitingRows rows={6} />;
  const { subject, preheader, email, text_part, from_name, reply_to } = step;
  return (
    <>
      <Editor
        key={`${generation} ${step.id}`}
        value={{ subject, preheader, email, text_part, from_name, reply_to }}
        onChange={(edits) => change({ step: edits })}
        fields={words.fields}
        preview={{
          contact: people.person?.contact ?? null,
          stepper: <PersonStepper people={people} total={step.channel === "email" ? messages : (ofStep?.people ?? null)} />,
          unreached,
        }}
        faults={faults}
        readOnly={isReadOnly}
      />
      {!isReadOnly && (
        <MissingTokens
          missing={missing}
          fields={words.fields}
          onAdd={(token, fallback) => change({ step: withFallback({ subject, preheader, email, text_part }, token, fallback) })}
        />
      )}
      <Attachments />
      <SendTest channel="email" shown={people.person} />
    </>
  );
}
