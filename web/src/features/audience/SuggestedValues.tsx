/** Text inputs that offer the values which contacts really have, with how many would match each of them. */
import { Autocomplete } from "@mantine/core";
import { useState } from "react";
import { plain } from "@/lib/contact";
import type { AudienceField } from "@/api/types";
import { PickMany } from "./PickMany";
import { useValues } from "./useValues";
import { WithCount } from "./WithCount";

interface SuggestedProps {
  field: AudienceField;
  value: unknown;
  isReadOnly: boolean;
  hasFault: boolean;
  onChange: (value: unknown, isTyped?: boolean) => void;
}

/** What is typed has been searched for already. */
const asTheyCome = <T,>({ options }: { options: T }): T => options;

export function SuggestedOne({ field, label, value, isReadOnly, hasFault, onChange }: SuggestedProps & { label: string }) {
  const [isOpen, setOpen] = useState(false);
  const text = plain(value);
  const { values, isStale } = useValues(field, text, isOpen);
  const counts = new Map(values.map((each) => [each.text, each.contacts]));
  return (
    <Autocomplete
      flex={1}
      aria-label={label}
      placeholder="Type or choose"
      data={[...counts.keys()]}
      filter={asTheyCome}
      renderOption={({ option }) => <WithCount label={option.value} contacts={counts.get(option.value)} isStale={isStale} />}
      onDropdownOpen={() => setOpen(true)}
      error={hasFault}
      readOnly={isReadOnly}
      value={text}
      onChange={(next) => onChange(next === "" ? undefined : next, true)}
    />
  );
}

export function SuggestedMany({ field, value, isReadOnly, hasFault, onChange }: SuggestedProps) {
  const [typed, setTyped] = useState("");
  const [isOpen, setOpen] = useState(false);
  const found = useValues(field, typed, isOpen);
  const chosen = Array.isArray(value) ? value.map(plain) : [];
  const read = (texts: string[]): unknown[] =>
    field.type === "number" ? texts.map(Number).filter((number) => Number.isFinite(number)) : texts;
  return (
    <PickMany
      label="Value"
      placeholder="Type or choose"
      chosen={chosen.map((text) => ({ key: text, label: text }))}
      options={found.values.map(({ text, contacts }) => ({ key: text, label: text, contacts }))}
      isStale={found.isStale}
      isWaiting={found.isWaiting}
      problem={found.problem}
      nothing={typed.trim() === "" ? "No contact has a value here" : "No contact has this value. Enter takes it as it is."}
      footer={found.footer}
      takesOther
      search={typed}
      hasFault={hasFault}
      isReadOnly={isReadOnly}
      onOpen={() => setOpen(true)}
      onSearch={setTyped}
      onChange={(next) => onChange(next.length === 0 ? undefined : read(next))}
    />
  );
}
