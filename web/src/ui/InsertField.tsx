/** Chooses a field of the contact, with what stands there for people who have none. */
import { ActionIcon, Button, Popover, Select, Stack, Text, TextInput } from "@mantine/core";
import { IconBraces } from "@tabler/icons-react";
import { useState } from "react";
import { count } from "@/lib/format";
import { forMessage } from "@/lib/fields";
import { tokenText } from "@/lib/insert";
import type { AudienceField } from "@/api/types";

interface InsertFieldProps {
  fields: AudienceField[];
  onInsert: (text: string) => void;
  /** Where several stand on one screen: "Insert field into the subject". */
  name?: string;
  /** Without words, where the place is small. */
  isSmall?: boolean;
}

export function InsertField({ fields, onInsert, name = "Insert field", isSmall = false }: InsertFieldProps) {
  const [isOpen, setOpen] = useState(false);
  const [id, setId] = useState<string | null>(null);
  const [fallback, setFallback] = useState("");
  const field = fields.find((candidate) => candidate.id === id);

  const insert = () => {
    if (field === undefined) return;
    setOpen(false);
    setId(null);
    setFallback("");
    onInsert(tokenText(field.token, fallback));
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
              comboboxProps={{ withinPortal: false }}
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
      </Popover.Dropdown>
    </Popover>
  );
}
