/** A frozen segment: the filter that it was made from, and the people whom it holds. */
import { Progress, Text, Title } from "@mantine/core";
import { useLiveAudience } from "@/api/liveAudience";
import type { Segment } from "@/api/segments";
import { fromFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { sentence } from "@/lib/filter/sentence";
import { count, dayAndTime } from "@/lib/format";
import { peopleOf } from "@/lib/segments";
import type { AudienceFields } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { Builder } from "../Builder";
import { useFilterEditing } from "../useFilterEditing";
import { LivePeople } from "./LivePeople";

export function FrozenFilter({ segment, words }: { segment: Segment; words: AudienceFields }) {
  const { id, filter, frozen_at: at } = segment;
  const editing = useFilterEditing({ words, start: () => startHistory(fromFilter(filter)), isReadOnly: true });
  const held = peopleOf(id);
  const live = useLiveAudience(`segment ${id} ${segment.freezing}`, held);
  return (
    <>
      {segment.freezing === "saving" && <Saving saved={segment.contacts ?? 0} all={live.matched} />}
      <div>
        <Title order={2}>Its people matched this{at === null ? "" : ` ${dayAndTime(at)}`}</Title>
        <Text c="dimmed" mb={8}>
          {sentence(filter, words, editing.nameOf)}
        </Text>
        <Builder editing={editing} faults={new Map()} />
      </div>
      <LivePeople live={live} filter={held} verb="are in it" said={`The people who are in “${segment.name}” and still among the contacts`} />
    </>
  );
}

/** Until all are saved, the segment is those who match its filter. */
function Saving({ saved, all }: { saved: number; all: number | null }) {
  return (
    <Notice kind="info">
      <Text role="status">
        {count(saved)} {all === null ? "" : `of ${count(all)} `}people saved. You can leave this page.
      </Text>
      <Progress value={all === null || all === 0 ? 0 : Math.min(100, (saved / all) * 100)} mt={6} aria-label="People saved" />
    </Notice>
  );
}
