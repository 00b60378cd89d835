/** Text inputs that offer the values which contacts really have, with how many have them. */
import { Autocomplete, Group, TagsInput, Text } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useFieldValues } from "@/api/audience";
import { count } from "@/lib/format";
import { plain } from "@/lib/contact";
import type { AudienceField } from "@/api/types";

interface SuggestedProps {
  field: AudienceField;
  value: unknown;
  isReadOnly: boolean;
  hasFault: boolean;
  onChange: (value: unknown) => void;
}

const SEARCH_AFTER_MS = 100;

/** The server has searched already. */
const asTheyCome = <T,>({ options }: { options: T }): T => options;

function useSuggestions(field: AudienceField, typed: string) {
  const [isOpen, setOpen] = useState(false);
  const [search] = useDebouncedValue(typed, SEARCH_AFTER_MS);
  const { data } = useFieldValues(field.id, search.trim(), isOpen);
  const counts = new Map((data?.values ?? []).map((entry) => [plain(entry.value), entry.contacts]));
  counts.delete("");
  return {
    data: [...counts.keys()],
    renderOption: ({ option }: { option: { value: string } }) => (
      <Group justify="space-between" gap={8} wrap="nowrap" flex={1}>
        {option.value}
        <Text span size="xs" c="dimmed" className="figure">
          {count(counts.get(option.value) ?? 0)}
        </Text>
      </Group>
    ),
    onDropdownOpen: () => setOpen(true),
  };
}

export function SuggestedOne({ field, label, value, isReadOnly, hasFault, onChange }: SuggestedProps & { label: string }) {
  const text = plain(value);
  const suggestions = useSuggestions(field, text);
  return (
    <Autocomplete
      {...suggestions}
      flex={1}
      aria-label={label}
      placeholder="Type or choose"
      filter={asTheyCome}
      error={hasFault}
      readOnly={isReadOnly}
      value={text}
      onChange={(next) => onChange(next === "" ? undefined : next)}
    />
  );
}

export function SuggestedMany({ field, value, isReadOnly, hasFault, onChange }: SuggestedProps) {
  const [typed, setTyped] = useState("");
  const suggestions = useSuggestions(field, typed);
  const chosen = Array.isArray(value) ? value.map(plain) : [];
  const read = (texts: string[]): unknown[] =>
    field.type === "number" ? texts.map(Number).filter((number) => Number.isFinite(number)) : texts;
  return (
    <TagsInput
      {...suggestions}
      aria-label="Value"
      placeholder={chosen.length === 0 ? "Type or choose, several are fine" : ""}
      filter={asTheyCome}
      error={hasFault}
      readOnly={isReadOnly}
      acceptValueOnBlur
      clearable
      searchValue={typed}
      onSearchChange={setTyped}
      value={chosen}
      onChange={(next) => onChange(next.length === 0 ? undefined : read(next))}
    />
  );
}
