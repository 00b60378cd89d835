/** Somebody else saved another filter while this one was edited: neither is lost before one is chosen. */
import { Button, Group, Stack, Text } from "@mantine/core";
import { useNames } from "@/api/named";
import type { Segment } from "@/api/segments";
import { sentence } from "@/lib/filter/sentence";
import { soon } from "@/lib/format";
import type { AudienceFields, Group as Filter } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { SaveAsSegment } from "./SaveAsSegment";
import classes from "./Segments.module.css";

interface ConflictNoticeProps {
  theirs: Segment;
  words: AudienceFields;
  /** The one that is edited here. */
  filter: Filter;
  matched: number | null;
  isSaving: boolean;
  onLoad: () => void;
  onKeep: () => void;
}

export function ConflictNotice({ theirs, words, filter, matched, isSaving, onLoad, onKeep }: ConflictNoticeProps) {
  const nameOf = useNames(theirs.filter);
  const isFrozen = theirs.kind === "frozen";
  const when = soon(theirs.updated_at);
  return (
    <Notice kind="care" isAlert>
      <Stack gap={8}>
        <Text fw={550}>
          {isFrozen ? `Somebody froze this segment at ${when}, so its filter cannot be changed any more.` : `Somebody else saved another filter at ${when}.`}
        </Text>
        <Text className={classes["theirs"]}>Theirs: {sentence(theirs.filter, words, nameOf)}</Text>
        <Group gap={8}>
          <Button variant="default" onClick={onLoad}>
            Load theirs
          </Button>
          {isFrozen ? (
            <SaveAsSegment filter={filter} matched={matched} />
          ) : (
            <Button loading={isSaving} onClick={onKeep}>
              Keep mine
            </Button>
          )}
        </Group>
      </Stack>
    </Notice>
  );
}
