/** The email of a step, in the editor that the screen is given, read as the people it reaches. */
import type { ReactNode } from "react";
import { useAudienceFields, useContacts } from "@/api/audience";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import type { AudienceField, Contact, Fault, Step } from "@/api/types";
import { WaitingRows } from "@/ui/States";

export type StepEmail = Pick<Step, "subject" | "preheader" | "email" | "text_part" | "from_name" | "reply_to">;

export interface StepEmailEditorProps {
  value: StepEmail;
  onChange: (change: Partial<StepEmail>) => void;
  fields: AudienceField[];
  preview: { contacts: { name: string; contact: object }[]; total: number | null; more?: () => void };
  faults: Fault[];
  readOnly: boolean;
}

export type StepEmailEditor = (props: StepEmailEditorProps) => ReactNode;

/** As Liquid names the fields. */
const read = (contact: Contact) => ({ name: nameOf(contact), contact: { ...contact.columns, ...contact } });

export function EmailPart({ Editor }: { Editor: StepEmailEditor }) {
  const { broadcast, step, isReadOnly, faults, change, generation } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft");
  const { data: words } = useAudienceFields();
  const people = useContacts({ filter: broadcast.filter, channel: "email", reachable: true }, { isWanted: true });
  const contacts = people.data?.pages.flatMap((page) => page.contacts.map(read)) ?? [];
  const messages = outlook?.steps.find(({ step_id: id }) => id === step.id)?.messages;
  if (words === undefined) return <WaitingRows rows={6} />;
  const { subject, preheader, email, text_part, from_name, reply_to } = step;
  return (
    <Editor
      key={`${generation} ${step.id}`}
      value={{ subject, preheader, email, text_part, from_name, reply_to }}
      onChange={(edits) => change({ step: edits })}
      fields={words.fields}
      preview={{
        contacts,
        total: messages?.find(({ channel }) => channel === "email")?.messages ?? null,
        ...(people.hasNextPage ? { more: () => void people.fetchNextPage() } : {}),
      }}
      faults={faults}
      readOnly={isReadOnly}
    />
  );
}
