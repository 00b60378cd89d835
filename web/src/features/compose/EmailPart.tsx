/** The email of a step, in the editor that the screen is given, read as the people it reaches. */
import { Group } from "@mantine/core";
import { useState, type ReactNode } from "react";
import { useAudienceFields } from "@/api/audience";
import { useOutlook } from "@/api/outlook";
import { inStep } from "@/api/templates";
import { useDraft } from "@/api/useDraft";
import { withFallback } from "@/lib/insert";
import type { AudienceField, Fault, Step, TemplateContent } from "@/api/types";
import { PersonStepper } from "@/ui/PersonStepper";
import { sayReplaced } from "@/ui/replaced";
import { SaveAsTemplate } from "@/ui/SaveAsTemplate";
import { WaitingRows } from "@/ui/States";
import { TemplatePicker } from "@/ui/TemplatePicker";
import { Attachments } from "./Attachments";
import { MissingTokens } from "./MissingTokens";
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
  // An email that comes from a template is shown by an editor that begins anew.
  const [begun, setBegun] = useState(0);
  const begin = () => setBegun((before) => before + 1);
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft");
  const { data: words } = useAudienceFields();
  const unreached = useUnreached("email", people.person);
  const ofStep = outlook?.steps.find(({ step_id: id }) => id === step.id);
  const messages = ofStep?.messages.find(({ channel }) => channel === "email")?.messages ?? null;
  const missing = ofStep?.missing_tokens.filter(({ channel }) => channel === "email") ?? [];
  if (words === undefined) return <WaitingRows rows={6} />;
  const { subject, preheader, email, text_part, from_name, reply_to } = step;
  const isWritten = email !== null || subject.trim() !== "";
  const use = (template: TemplateContent & { name: string }) => {
    const before = { subject, preheader, email, text_part };
    change({ step: inStep(template) });
    begin();
    sayReplaced(template.name, () => {
      change({ step: before });
      begin();
    });
  };
  return (
    <>
      {!isReadOnly && (
        <Group gap={8}>
          <TemplatePicker channel="email" willReplace={isWritten} onChoose={use} />
          <SaveAsTemplate content={{ channel: "email", subject, preheader, body: text_part ?? "", email }} />
        </Group>
      )}
      <Editor
        key={`${generation} ${begun} ${step.id}`}
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
