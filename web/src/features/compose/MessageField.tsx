/** The text of the SMS, with the fields that can be put into it. */
import { Group, Stack, Text, Textarea } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { useDraft } from "@/api/useDraft";
import { addFallback, insertAt } from "@/lib/insert";
import type { AudienceFields, Outlook } from "@/api/types";
import { InsertField } from "@/ui/InsertField";
import { TemplatePicker } from "@/ui/TemplatePicker";
import { MissingTokens } from "./MissingTokens";

const LONGEST = 10_000;

interface MessageFieldProps {
  problems: string[];
  words: AudienceFields | undefined;
  outlook: Pick<Outlook, "missing_tokens"> | undefined;
  /** What the text amounts to, right under it. */
  figures: ReactNode;
}

export function MessageField(props: MessageFieldProps) {
  const { generation, step } = useDraft();
  return <Editor key={`${generation} ${step.id}`} {...props} />;
}

function Editor({ problems, words, outlook, figures }: MessageFieldProps) {
  const { step, isReadOnly, change } = useDraft();
  const [text, setText] = useState(step.body);
  const area = useRef<HTMLTextAreaElement>(null);

  const write = (next: string) => {
    const body = next.slice(0, LONGEST);
    setText(body);
    change({ step: { body } });
  };
  const insert = (token: string) => {
    const field = area.current;
    const { text: next, cursor } = insertAt(text, field?.selectionStart ?? text.length, field?.selectionEnd ?? text.length, token);
    write(next);
    requestAnimationFrame(() => {
      field?.focus();
      field?.setSelectionRange(cursor, cursor);
    });
  };

  return (
    <Stack gap={12}>
      <Textarea
        ref={area}
        label="Message"
        placeholder="Hi {{ first_name }}, …"
        autosize
        minRows={7}
        maxRows={18}
        readOnly={isReadOnly}
        value={text}
        onChange={(event) => write(event.currentTarget.value)}
        error={problems.length > 0 && problems.map((problem) => <span key={problem} style={{ display: "block" }}>{problem}</span>)}
      />
      {!isReadOnly && (
        <Group gap={8}>
          {words !== undefined && <InsertField fields={words.fields} onInsert={insert} />}
          <TemplatePicker channel="sms" willReplace={text.trim() !== ""} onChoose={({ body }) => write(body)} />
          <Text size="xs" c="dimmed">
            A field is replaced by what each contact has there.
          </Text>
        </Group>
      )}
      {figures}
      {!isReadOnly && outlook !== undefined && words !== undefined && (
        <MissingTokens missing={outlook.missing_tokens} fields={words.fields} onAdd={(token, fallback) => write(addFallback(text, token, fallback))} />
      )}
    </Stack>
  );
}
