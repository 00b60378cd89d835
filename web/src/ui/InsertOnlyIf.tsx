/** Words for some people only: a field, what it is to hold, what they read then, and what the others do. */
import { Button, Select, Stack, Text, TextInput } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { useState } from "react";
import { useFieldValues } from "@/api/audience";
import type { AudienceField } from "@/api/types";
import { count } from "@/lib/format";
import { forMessage } from "@/lib/fields";
import { onlyIfText, type Comparison } from "@/lib/insert";
import { isWritable, valueWord } from "@/lib/values";
import { below } from "./below";

const comparisons: Comparison[] = ["is", "is not", "has a value", "has no value"];

const inPlace = { comboboxProps: below };

export function InsertOnlyIf({ fields, onInsert }: { fields: AudienceField[]; onInsert: (text: string) => void }) {
  const [id, setId] = useState<string | null>(null);
  const [comparison, setComparison] = useState<Comparison>("is");
  const [value, setValue] = useState<string | number | boolean | null>(null);
  const [then, setThen] = useState("");
  const [otherwise, setOtherwise] = useState("");
  const field = fields.find((candidate) => candidate.id === id);
  const needsValue = comparison === "is" || comparison === "is not";
  const isWhole = field !== undefined && then !== "" && (!needsValue || value !== null);
  const text = isWhole ? onlyIfText({ token: field.token, comparison, value: value ?? "", then, otherwise }) : undefined;

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        if (text !== undefined) onInsert(text);
      }}
    >
      <Stack gap={12}>
        <Select
          label="Only if"
          placeholder="Type a field"
          data-autofocus
          data={forMessage(fields).map((candidate) => ({ value: candidate.id, label: candidate.label }))}
          value={id}
          onChange={(next) => {
            setId(next);
            setValue(null);
          }}
          searchable
          selectFirstOptionOnChange
          nothingFoundMessage="No such field"
          {...inPlace}
        />
        <Select
          aria-label="Comparison"
          data={comparisons}
          allowDeselect={false}
          value={comparison}
          onChange={(next) => setComparison(comparisons.find((each) => each === next) ?? "is")}
          {...inPlace}
        />
        {needsValue && field !== undefined && <Value key={field.id} field={field.id} value={value} onChange={setValue} />}
        <TextInput label="Write" placeholder="your discount is 10%" value={then} maxLength={500} onChange={(event) => setThen(event.currentTarget.value)} />
        <TextInput
          label="For everybody else"
          placeholder="Nothing"
          value={otherwise}
          maxLength={500}
          onChange={(event) => setOtherwise(event.currentTarget.value)}
        />
        {isWhole && text === undefined && (
          <Text size="xs" c="red" role="alert">
            A message cannot compare with this value: it holds braces or both kinds of quotation marks.
          </Text>
        )}
        <Button type="submit" disabled={text === undefined}>
          Insert
        </Button>
      </Stack>
    </form>
  );
}

interface ValueProps {
  field: string;
  value: string | number | boolean | null;
  onChange: (value: string | number | boolean | null) => void;
}

/** What contacts have there. */
function Value({ field, value, onChange }: ValueProps) {
  const [typed, setTyped] = useState("");
  const [search] = useDebouncedValue(typed, 200);
  const found = useFieldValues(field, value === null ? search : "", true);
  const offers = (found.data?.values ?? []).flatMap(({ value: each, contacts }) => (isWritable(each) ? [{ each, contacts }] : []));
  const chosen = offers.findIndex(({ each }) => each === value);
  return (
    <Select
      label="Value"
      placeholder="Type a value"
      data={offers.map(({ each, contacts }, index) => ({ value: String(index), label: `${valueWord(each)} (${count(contacts)})` }))}
      value={chosen < 0 ? null : String(chosen)}
      onChange={(next) => onChange(next === null ? null : (offers[Number(next)]?.each ?? null))}
      onSearchChange={setTyped}
      // What is looked for is looked for by the server, in what contacts have.
      filter={({ options }) => options}
      searchable
      nothingFoundMessage={found.isFetching ? "Looking through the values" : "No contact has such a value"}
      {...inPlace}
    />
  );
}
