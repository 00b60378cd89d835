/** The plain text that goes along: made from the email, or written by hand. */
import { Button, Group, Stack, Textarea } from "@mantine/core";
import { useState } from "react";

interface TextPartProps {
  /** Null: made from the email. */
  written: string | null;
  made: string | undefined;
  isStale: boolean;
  error: string | undefined;
  isReadOnly: boolean;
  onChange: (text: string | null) => void;
}

export function TextPart({ written, made, isStale, error, isReadOnly, onChange }: TextPartProps) {
  const [putAside, setPutAside] = useState<string | null>(null);
  const isMade = written === null;
  return (
    <Stack gap={12}>
      <Textarea
        label="Text part"
        name="text_part"
        description={isMade ? "Made from the email: it follows every change. Some programs and watches show only this." : "Written by hand: it does not follow the email any more."}
        rows={16}
        readOnly={isReadOnly || isMade}
        data-stale={(isMade && isStale) || undefined}
        styles={{ input: { fontFamily: "var(--mantine-font-family-monospace)", opacity: isMade && isStale ? 0.6 : 1 } }}
        value={written ?? made ?? ""}
        error={error}
        onChange={(event) => onChange(event.currentTarget.value)}
      />
      {!isReadOnly && (
        <Group gap={8}>
          {isMade ? (
            <>
              <Button variant="default" disabled={made === undefined} onClick={() => onChange(made ?? "")}>
                Change it by hand
              </Button>
              {putAside !== null && (
                <Button variant="subtle" onClick={() => onChange(putAside)}>
                  Bring back what I wrote
                </Button>
              )}
            </>
          ) : (
            <Button
              variant="default"
              onClick={() => {
                setPutAside(written);
                onChange(null);
              }}
            >
              Make it from the email again
            </Button>
          )}
        </Group>
      )}
    </Stack>
  );
}
