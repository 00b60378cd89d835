/** The text of the SMS, with the fields that can be put into it, and what is to say about it. */
import { Group, Stack, Text } from "@mantine/core";
import { useRef, useState } from "react";
import { useDraft } from "@/api/useDraft";
import { addFallback, insertAt } from "@/lib/insert";
import { placeInText } from "@/lib/places";
import type { AudienceFields, SmsChecked, SmsPreview, TextPlace } from "@/api/types";
import { InsertField } from "@/ui/InsertField";
import { sayReplaced } from "@/ui/replaced";
import { SaveAsTemplate } from "@/ui/SaveAsTemplate";
import { SnippetChips } from "@/ui/SnippetChips";
import { TemplatePicker } from "@/ui/TemplatePicker";
import { CharacterCost } from "./CharacterCost";
import { MarkedText } from "./MarkedText";
import { MessageFigures, type StepFigures } from "./MessageFigures";
import { MissingTokens } from "./MissingTokens";
import { SmsChecks } from "./SmsChecks";

const LONGEST = 10_000;

interface MessageFieldProps {
  problems: string[];
  words: AudienceFields | undefined;
  figures: StepFigures | undefined;
  isBehind: boolean;
  shown: SmsPreview | undefined;
  isShownStale: boolean;
  check: SmsChecked | undefined;
  isCheckStale: boolean;
  onLongest: (contactId: string) => void;
}

export function MessageField(props: MessageFieldProps) {
  const { generation, step } = useDraft();
  return <Editor key={`${generation} ${step.id}`} {...props} />;
}

function Editor({ problems, words, figures, isBehind, shown, isShownStale, check, isCheckStale, onLongest }: MessageFieldProps) {
  const { step, isReadOnly, change } = useDraft();
  const [text, setText] = useState(step.body);
  /** The text before the characters were replaced, while nothing was written since. */
  const [before, setBefore] = useState<string | null>(null);
  const area = useRef<HTMLTextAreaElement>(null);

  const write = (next: string, undo: string | null = null) => {
    const body = next.slice(0, LONGEST);
    setText(body);
    setBefore(undo);
    change({ step: { body } });
  };
  const select = (from: number, to: number) => {
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(from, to);
    });
  };
  const use = ({ name, body }: { name: string; body: string }) => {
    const replaced = text;
    write(body);
    sayReplaced(name, () => write(replaced));
  };
  const insert = (token: string) => {
    const field = area.current;
    const { text: next, cursor } = insertAt(text, field?.selectionStart ?? text.length, field?.selectionEnd ?? text.length, token);
    write(next);
    select(cursor, cursor);
  };
  const goTo = (place: TextPlace) => select(...placeInText(text, place));
  const missing = figures?.missing_tokens.filter(({ channel }) => channel === "sms") ?? [];

  return (
    <Stack gap={12}>
      <MarkedText
        area={area}
        text={text}
        marked={check?.forcing.map(({ character }) => character) ?? []}
        isReadOnly={isReadOnly}
        problems={problems}
        onChange={write}
      />
      {!isReadOnly && (
        <Group gap={8}>
          {words !== undefined && <InsertField fields={words.fields} onInsert={insert} />}
          <TemplatePicker channel="sms" willReplace={text.trim() !== ""} onChoose={use} />
          <SaveAsTemplate content={{ channel: "sms", subject: null, preheader: "", body: text, email: null }} />
          <Text size="xs" c="dimmed">
            A field is replaced by what each contact has there.
          </Text>
        </Group>
      )}
      <SnippetChips text={text} />
      <MessageFigures shown={shown} isShownStale={isShownStale} outlook={figures} isOutlookStale={isBehind} onLongest={onLongest} />
      <CharacterCost
        check={check}
        isStale={isBehind || isCheckStale}
        figures={figures}
        onReplace={isReadOnly || check === undefined || isCheckStale || check.replaced === text ? null : () => write(check.replaced, text)}
        onUndo={isReadOnly || before === null ? null : () => write(before)}
      />
      {!isReadOnly && words !== undefined && (
        <MissingTokens missing={missing} fields={words.fields} onAdd={(token, fallback) => write(addFallback(text, token, fallback))} />
      )}
      {check !== undefined && <SmsChecks checks={check.checks} text={text} isStale={isCheckStale} onOpen={goTo} />}
    </Stack>
  );
}
