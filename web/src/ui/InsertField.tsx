/** Puts into a message what nobody has to type: a field of the contact, words for some people only, or a snippet. */
import { ActionIcon, Button, Popover, SegmentedControl, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useState } from "react";
import { count } from "@/lib/format";
import { forMessage } from "@/lib/fields";
import { tokenText } from "@/lib/insert";
import type { AudienceField } from "@/api/types";
import { below } from "./below";
import { InsertOnlyIf } from "./InsertOnlyIf";
import { InsertSnippet } from "./InsertSnippet";

interface InsertFieldProps {
  fields: AudienceField[];
  onInsert: (text: string) => void;
  /** Where several stand on one screen: "Insert field into the subject". */
  name?: string;
  /** Without words, where the place is small. */
  isSmall?: boolean;
  /** A snippet holds no other. */
  hasSnippets?: boolean;
}

const kinds = [
  { value: "field", label: "A field" },
  { value: "only if", label: "Only if…" },
  { value: "snippet", label: "A snippet" },
];

export function InsertField({ fields, onInsert, name = "Insert field", isSmall = false, hasSnippets = true }: InsertFieldProps) {
  const [isOpen, setOpen] = useState(false);
  const [kind, setKind] = useState("field");
  const insert = (text: string) => {
    setOpen(false);
    setKind("field");
    onInsert(text);
  };
  return (
    <Popover opened={isOpen} onChange={setOpen} width={300} position="bottom-start" trapFocus withinPortal={false} shadow="md">
      <Popover.Target>
        {isSmall ? (
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={name} title={name} onClick={() => setOpen(!isOpen)}>
            <IconBraces size={16} aria-hidden />
          </ActionIcon>
        ) : (
          <Button variant="default" aria-label={name} leftSection={<IconBraces size={16} aria-hidden />} onClick={() => setOpen(!isOpen)}>
            Insert field
          </Button>
        )}
      </Popover.Target>
      <Popover.Dropdown aria-label={name}>
        <Stack gap={12}>
          <SegmentedControl fullWidth size="xs" aria-label="What to insert" data={hasSnippets ? kinds : kinds.slice(0, 2)} value={kind} onChange={setKind} />
          {kind === "field" && <OneField fields={fields} onInsert={insert} />}
          {kind === "only if" && <InsertOnlyIf fields={fields} onInsert={insert} />}
          {kind === "snippet" && <InsertSnippet onInsert={insert} />}
        </Stack>
      </Popover.Dropdown>
    </Popover>
  );
}

function OneField({ fields, onInsert }: Pick<InsertFieldProps, "fields" | "onInsert">) {
  const [id, setId] = useState<string | null>(null);
  const [fallback, setFallback] = useState("");
  const field = fields.find((candidate) => candidate.id === id);

  const insert = () => {
    if (field === undefined) return;
    onInsert(tokenText(field.token, fallback));
  };

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        event.stopPropagation();
        insert();
      }}
    >
      <Stack gap={12}>
        <Select
          label="Field"
          placeholder="Type a field"
          data-autofocus
          data={forMessage(fields).map((candidate) => ({ value: candidate.id, label: candidate.label }))}
          value={id}
          onChange={setId}
          searchable
          selectFirstOptionOnChange
          nothingFoundMessage="No such field"
          comboboxProps={below}
          description={field?.source === "metadata" && `${count(field.contacts)} contacts have it`}
        />
        <TextInput label="If it is missing, write" placeholder="there" value={fallback} maxLength={100} onChange={(event) => setFallback(event.currentTarget.value)} />
        {field !== undefined && (
          <Text size="xs" c="dimmed" style={{ fontFamily: "var(--mantine-font-family-monospace)", overflowWrap: "anywhere" }}>
            {tokenText(field.token, fallback)}
          </Text>
        )}
        <Button type="submit" disabled={field === undefined}>
          Insert
        </Button>
      </Stack>
    </form>
  );
}
