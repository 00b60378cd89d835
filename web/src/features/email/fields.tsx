/** The fields of which options are made: a text with fields of the contact, how it is aligned, a colour. */
import { Button, ColorInput, Group, Input, SegmentedControl, Textarea, TextInput } from "@mantine/core";
import { useRef, useState, type ReactNode } from "react";
import { insertAt } from "@/lib/insert";
import type { AudienceField } from "@/api/types";
import { InsertField } from "@/ui/InsertField";
import type { Align } from "./document";

interface PlainFieldProps {
  label: string;
  value: string;
  fields: AudienceField[];
  onChange: (value: string) => void;
  placeholder?: string;
  description?: ReactNode;
  error?: ReactNode;
  longest?: number;
  isReadOnly?: boolean;
  name?: string;
  /** Line breaks may stand in it. */
  isLong?: boolean;
}

/** Plain text into which fields of the contact are put where the cursor stands. */
export function PlainField({ label, value, fields, onChange, longest = 2_000, isReadOnly = false, isLong = false, ...shown }: PlainFieldProps) {
  const input = useRef<HTMLInputElement & HTMLTextAreaElement>(null);
  const write = (text: string) => onChange((isLong ? text : text.replaceAll(/[\r\n]+/g, " ")).slice(0, longest));
  const insert = (token: string) => {
    const { text, cursor } = insertAt(value, input.current?.selectionStart ?? value.length, input.current?.selectionEnd ?? value.length, token);
    write(text);
    requestAnimationFrame(() => {
      input.current?.focus();
      input.current?.setSelectionRange(cursor, cursor);
    });
  };
  const common = {
    ref: input,
    label,
    value,
    ...shown,
    readOnly: isReadOnly,
    onChange: (event: { currentTarget: { value: string } }) => write(event.currentTarget.value),
    rightSection: isReadOnly ? null : <InsertField fields={fields} name={`Insert field into: ${label}`} isSmall onInsert={insert} />,
    rightSectionWidth: 44,
  };
  return isLong ? <Textarea {...common} autosize minRows={2} maxRows={8} /> : <TextInput {...common} />;
}

const aligns: { value: Align; label: string }[] = [
  { value: "left", label: "Left" },
  { value: "center", label: "Middle" },
  { value: "right", label: "Right" },
];

export function AlignField({ value, onChange }: { value: Align; onChange: (align: Align) => void }) {
  return (
    <Input.Wrapper label="Aligned" labelElement="div">
      <SegmentedControl fullWidth size="xs" aria-label="Aligned" data={aligns} value={value} onChange={onChange} />
    </Input.Wrapper>
  );
}

const COLOR = /^#(?:[0-9a-f]{3}){1,2}$/i;

interface ColorFieldProps {
  label: string;
  /** Null: the inherited one. */
  value: string | null;
  inherited?: string;
  onChange: (color: string) => void;
  onReset?: () => void;
}

/** Only a whole colour is passed on: what is half typed stays in the field. */
export function ColorField({ label, value, inherited, onChange, onReset }: ColorFieldProps) {
  const given = value ?? inherited ?? "#000000";
  const [typed, setTyped] = useState(given);
  const [before, setBefore] = useState(given);
  if (before !== given) {
    setBefore(given);
    if (typed.toLowerCase() !== given) setTyped(given);
  }
  return (
    <Group gap={8} align="flex-end" wrap="nowrap">
      <ColorInput
        label={label}
        value={typed}
        flex={1}
        withEyeDropper={false}
        popoverProps={{ withinPortal: false }}
        onChange={(color) => {
          setTyped(color);
          if (COLOR.test(color) && color.toLowerCase() !== given) onChange(color.toLowerCase());
        }}
      />
      {onReset !== undefined && value !== null && (
        <Button variant="subtle" size="compact-md" onClick={onReset} aria-label={`${label}: as in the style`}>
          As in the style
        </Button>
      )}
    </Group>
  );
}
