/** What people see before they open the email: who writes, about what, and the first words. */
import { SimpleGrid, Stack, Text, TextInput } from "@mantine/core";
import { countOf } from "@/lib/format";
import type { AudienceField, Fault } from "@/api/types";
import type { CheckedEmail } from "./check";
import { PlainField } from "./fields";
import type { EmailValue } from "./value";

const LONGEST_LINE = 500;
/** Characters of a subject that most phones show. */
const SHOWN_ON_PHONES = 40;

interface EnvelopeProps {
  value: EmailValue;
  onChange: (change: Partial<EmailValue>) => void;
  fields: AudienceField[];
  /** As the contact of the preview would read it. */
  shown: CheckedEmail | undefined;
  isStale: boolean;
  faults: Fault[];
  isReadOnly: boolean;
  hasSender: boolean;
}

export function Envelope({ value, onChange, fields, shown, isStale, faults, isReadOnly, hasSender }: EnvelopeProps) {
  const errorAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const long = (text: string, more: string) => (
    <Text span size="xs" className="figure" data-stale={isStale || undefined}>
      {countOf(Array.from(text).length, "character")}
      {more}
    </Text>
  );
  const subject = shown === undefined || shown.subject === "" ? value.subject : shown.subject;
  const preheader = shown === undefined || shown.preheader === "" ? value.preheader : shown.preheader;
  return (
    <Stack gap={12}>
      <PlainField
        label="Subject"
        name="subject"
        fields={fields}
        value={value.subject}
        longest={LONGEST_LINE}
        isReadOnly={isReadOnly}
        description={long(subject, `; phones show about ${SHOWN_ON_PHONES}`)}
        error={errorAt("/subject")}
        onChange={(next) => onChange({ subject: next })}
      />
      <PlainField
        label="Preheader"
        name="preheader"
        fields={fields}
        value={value.preheader}
        longest={LONGEST_LINE}
        isReadOnly={isReadOnly}
        description={long(preheader, "; it stands beside the subject in the inbox")}
        error={errorAt("/preheader")}
        onChange={(next) => onChange({ preheader: next })}
      />
      {hasSender && <Sender value={value} onChange={onChange} errorAt={errorAt} isReadOnly={isReadOnly} />}
    </Stack>
  );
}

function Sender({ value, onChange, errorAt, isReadOnly }: Pick<EnvelopeProps, "value" | "onChange" | "isReadOnly"> & { errorAt: (pointer: string) => string | undefined }) {
  return (
    <SimpleGrid cols={{ base: 1, xs: 2 }} spacing={12}>
      <TextInput
        label="From"
        name="from_name"
        placeholder="The sender's own name"
        maxLength={200}
        readOnly={isReadOnly}
        value={value.from_name ?? ""}
        error={errorAt("/from_name")}
        onChange={(event) => onChange({ from_name: event.currentTarget.value === "" ? null : event.currentTarget.value })}
      />
      <TextInput
        label="Answers go to"
        name="reply_to"
        placeholder="The sender's own address"
        type="email"
        maxLength={320}
        readOnly={isReadOnly}
        value={value.reply_to ?? ""}
        error={errorAt("/reply_to")}
        onChange={(event) => onChange({ reply_to: event.currentTarget.value.trim() === "" ? null : event.currentTarget.value.trim() })}
      />
    </SimpleGrid>
  );
}
