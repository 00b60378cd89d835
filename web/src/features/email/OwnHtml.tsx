/** For those who bring their own: the email as HTML. */
import { Button, Group, Stack, Text, Textarea } from "@mantine/core";
import { useRef } from "react";
import { insertAt } from "@/lib/insert";
import type { AudienceField } from "@/api/types";
import { InsertField } from "@/ui/InsertField";
import type { EmailDocument } from "./document";

interface OwnHtmlProps {
  document: EmailDocument | null;
  fields: AudienceField[];
  error: string | undefined;
  isReadOnly: boolean;
  onChange: (html: string) => void;
  onStart: () => void;
}

export function OwnHtml({ document, fields, error, isReadOnly, onChange, onStart }: OwnHtmlProps) {
  const area = useRef<HTMLTextAreaElement>(null);
  if (document?.kind !== "html") {
    return (
      <Stack gap={12} align="flex-start">
        <Text>This email is made of blocks. HTML of your own takes their place; undo brings them back.</Text>
        {!isReadOnly && (
          <Button variant="default" onClick={onStart}>
            Use my own HTML
          </Button>
        )}
      </Stack>
    );
  }
  const { html } = document;
  const insert = (token: string) => {
    const { text, cursor } = insertAt(html, area.current?.selectionStart ?? html.length, area.current?.selectionEnd ?? html.length, token);
    onChange(text);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(cursor, cursor);
    });
  };
  return (
    <Stack gap={12}>
      <Textarea
        ref={area}
        label="HTML of the email"
        name="html"
        description="Paste the whole page. Scripts and forms are taken out; without a link to unsubscribe one is put at the end."
        rows={18}
        spellCheck={false}
        readOnly={isReadOnly}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)" } }}
        value={html}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {!isReadOnly && (
        <Group gap={8}>
          <InsertField fields={fields} onInsert={insert} />
        </Group>
      )}
    </Stack>
  );
}
