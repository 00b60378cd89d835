/** The filter of a dynamic segment: edited, counted while it is edited, and saved when asked, because every place that uses it follows. */
import { Button, Group, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconCheck } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useEffectEvent, useState } from "react";
import { useLiveAudience } from "@/api/liveAudience";
import { ApiProblem, hasStatus, inWords } from "@/api/problem";
import { segmentQuery, useChangeSegment, type Segment } from "@/api/segments";
import { fromFilter, isSameFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { sentence } from "@/lib/filter/sentence";
import { placesWord, standing, type Base } from "@/lib/segments";
import type { AudienceFields } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { useFilterEditing } from "../useFilterEditing";
import { ConflictNotice } from "./ConflictNotice";
import { isShownAtPart, LiveBuilder } from "./LiveBuilder";
import { LivePeople } from "./LivePeople";
import { keepUnsaved, unsavedOf, type Unsaved } from "./unsaved";
import classes from "./Segments.module.css";

interface SegmentFilterProps {
  segment: Segment;
  words: AudienceFields;
  onUnsaved: (isUnsaved: boolean) => void;
}

/** Begins anew, with an empty history, when another filter takes the place of the edited one. */
export function SegmentFilter(props: SegmentFilterProps) {
  const { segment } = props;
  const [begun, setBegun] = useState(() => ({ round: 0, start: unsavedOf(segment.id) ?? { base: segment, mine: segment.filter } }));
  const begin = (start: Unsaved) => setBegun(({ round }) => ({ round: round + 1, start }));
  return <Edited key={begun.round} {...props} start={begun.start} onBegin={begin} />;
}

function Edited({ segment, words, onUnsaved, start, onBegin }: SegmentFilterProps & { start: Unsaved; onBegin: (start: Unsaved) => void }) {
  const cache = useQueryClient();
  const change = useChangeSegment(segment.id);
  const [base, setBase] = useState<Base>(start.base);
  const editing = useFilterEditing({ words, start: () => startHistory(fromFilter(start.mine)), isReadOnly: false });
  const { filter, nameOf } = editing;
  const live = useLiveAudience(`segment ${segment.id}`, filter, { facets: true });
  const isUnsaved = !isSameFilter(filter, base.filter);

  // While an own save is under way, the newer version is the own one.
  const stand = change.isPending ? "same" : standing(base, segment, filter);
  if (change.data !== undefined && change.data.version > base.version) setBase(change.data);
  else if (stand === "follow") setBase(segment);

  const adopt = useEffectEvent(() => onBegin({ base: segment, mine: segment.filter }));
  useEffect(() => {
    if (stand === "adopt") adopt();
  }, [stand]);
  const tell = useEffectEvent(onUnsaved);
  useEffect(() => tell(isUnsaved), [isUnsaved]);
  useEffect(() => keepUnsaved(segment.id, { base, mine: filter }), [segment.id, base, filter]);

  const save = async (version: number) => {
    if (change.isPending) return;
    try {
      await change.mutateAsync({ version, filter });
    } catch (error) {
      if (!hasStatus(error, 409)) return;
      const newest = await cache.query({ ...segmentQuery(segment.id), staleTime: 0 });
      // Only the name was changed meanwhile.
      if (newest.version !== version && standing(base, newest, filter) === "follow") {
        await change.mutateAsync({ version: newest.version, filter }).catch(() => undefined);
      }
    }
  };
  const discard = () => {
    const undone = { base, mine: filter };
    onBegin({ base: segment, mine: segment.filter });
    tellDiscarded(segment.id, () => onBegin(undone));
  };

  const isConflict = stand === "conflict";
  const said = sentence(filter, words, nameOf);
  return (
    <>
      <div>
        <LiveBuilder editing={editing} live={live} faults={change.error instanceof ApiProblem ? change.error.faults : []} />
        {isConflict && (
          <div className={classes["conflict"]}>
            <ConflictNotice theirs={segment} words={words} filter={filter} matched={live.matched} isSaving={change.isPending} onLoad={() => onBegin({ base: segment, mine: segment.filter })} onKeep={() => void save(segment.version)} />
          </div>
        )}
        {change.isError && !isConflict && (
          <div className={classes["conflict"]}>
            <Notice kind="bad" isAlert>{inWords(change.error)}</Notice>
          </div>
        )}
        {!isConflict && <SaveRow isUnsaved={isUnsaved} uses={segment.uses} isSaving={change.isPending} onSave={() => void save(base.version)} onDiscard={discard} />}
      </div>
      <LivePeople live={live} filter={filter} said={said} isProblemShown={isShownAtPart(editing, live)} />
    </>
  );
}

interface SaveRowProps {
  isUnsaved: boolean;
  uses: number;
  isSaving: boolean;
  onSave: () => void;
  onDiscard: () => void;
}

/** The button stays when there is nothing to save, so that the focus is not lost with it. */
function SaveRow({ isUnsaved, uses, isSaving, onSave, onDiscard }: SaveRowProps) {
  return (
    <div className={classes["saveRow"]}>
      <Button aria-disabled={!isUnsaved} data-disabled={!isUnsaved || undefined} loading={isSaving} onClick={() => isUnsaved && onSave()}>
        Save changes
      </Button>
      {isUnsaved && (
        <Button variant="default" onClick={onDiscard}>
          Discard changes
        </Button>
      )}
      <Text c="dimmed" className={classes["saved"]} role="status">
        {!isUnsaved && <IconCheck size={14} aria-hidden />}
        {!isUnsaved ? "Saved" : uses === 0 ? "Not saved yet" : `Not saved yet. Used in ${placesWord(uses)}, which will follow.`}
      </Text>
    </div>
  );
}

function tellDiscarded(id: string, undo: () => void) {
  const notice = `discarded-${id}`;
  notifications.show({
    id: notice,
    closeButtonProps: { "aria-label": "Close" },
    message: (
      <Group justify="space-between" wrap="nowrap">
        Changes discarded
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            notifications.hide(notice);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
