/** A change of a running sequence: what it does to whom is said, then it is saved. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useHeld } from "@/api/ofStep";
import { inWords } from "@/api/problem";
import { countOf } from "@/lib/format";
import { Notice } from "./Notice";
import classes from "./SaveHeld.module.css";

export function SaveHeld({ onSaved = () => undefined }: { onSaved?: () => void }) {
  const held = useHeld();
  if (held === null) return null;
  const { effects, saving, isEmpty } = held;
  const error = saving.error ?? effects.error;
  const foreseen = effects.data;
  return (
    <section aria-label="What the change does" className={classes["box"]}>
      {error !== null && <Notice kind="bad" isAlert>{inWords(error)}</Notice>}
      {foreseen === undefined && <Text c="dimmed">{isEmpty ? "Nothing is changed yet." : "Changed here, not saved yet."}</Text>}
      {foreseen !== undefined && (
        <Stack gap={8} role="status">
          <Text fw={650}>{foreseen.people === null ? "What changes" : `What changes for ${countOf(foreseen.people, "person", "people")}`}</Text>
          <ul className={classes["sentences"]}>
            {foreseen.effects.map((sentence) => (
              <li key={sentence}>{sentence}</li>
            ))}
            {foreseen.effects.length === 0 && <li>Nothing that the people would notice.</li>}
          </ul>
        </Stack>
      )}
      <Group gap={8}>
        {foreseen === undefined ? (
          <Button disabled={isEmpty} loading={effects.isPending} onClick={held.foresee}>
            See what changes
          </Button>
        ) : (
          <Button loading={saving.isPending} onClick={() => held.save(onSaved)}>
            Save the change
          </Button>
        )}
        {!isEmpty && (
          <Button variant="default" onClick={held.discard}>
            Discard
          </Button>
        )}
      </Group>
    </section>
  );
}
