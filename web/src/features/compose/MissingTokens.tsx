/** Fields of the message that some recipients do not have, each with the way to mend it. */
import { Button, Group, TextInput, VisuallyHidden } from "@mantine/core";
import { useState } from "react";
import { count } from "@/lib/format";
import type { AudienceField, MissingToken } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";

interface MissingTokensProps {
  missing: MissingToken[];
  fields: AudienceField[];
  onAdd: (token: string, fallback: string) => void;
}

export function MissingTokens({ missing, fields, onAdd }: MissingTokensProps) {
  const { open } = usePeople();
  return missing.map((entry) => (
    <OneMissing
      key={`${entry.channel} ${entry.token}`}
      onPeople={() => open(`without.${entry.channel}.${entry.token}`)}
      label={fields.find(({ token }) => token === entry.token)?.label ?? entry.token}
      recipients={entry.recipients}
      onAdd={(fallback) => onAdd(entry.token, fallback)}
    />
  ));
}

function OneMissing({ label, recipients, onAdd, onPeople }: { label: string; recipients: number; onAdd: (fallback: string) => void; onPeople: () => void }) {
  const [fallback, setFallback] = useState("there");
  const people = recipients === 1 ? "1 person" : `${count(recipients)} people`;
  return (
    <Notice
      kind="care"
      action={
        <Group
          gap={8}
          component="form"
          onSubmit={(event) => {
            event.preventDefault();
            onAdd(fallback);
          }}
        >
          <TextInput size="xs" w={110} aria-label={`Fallback for ${label}`} value={fallback} onChange={(event) => setFallback(event.currentTarget.value)} />
          <Button size="xs" variant="default" type="submit" disabled={fallback.trim() === ""}>
            Add a fallback
          </Button>
        </Group>
      }
    >
      {label} is missing for{" "}
      <button type="button" className="number-link" onClick={onPeople}>
        {people}
        <VisuallyHidden>, show who they are</VisuallyHidden>
      </button>
      . Say what stands there instead.
    </Notice>
  );
}
