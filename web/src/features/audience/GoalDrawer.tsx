/** The goal of a sequence in the filter builder, beside the screen: who meets it leaves. */
import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { useAudienceFields } from "@/api/audience";
import { useLiveAudience } from "@/api/liveAudience";
import { useDraft } from "@/api/useDraft";
import { fromFilter, isSameFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { sentence } from "@/lib/filter/sentence";
import { countOf } from "@/lib/format";
import type { AudienceFields, Group as Filter } from "@/api/types";
import { Amount } from "@/ui/Figure";
import { useGoalPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import { Failed, WaitingRows } from "@/ui/States";
import { LiveBuilder } from "./segments/LiveBuilder";
import { useFilterEditing } from "./useFilterEditing";

const nothing: Filter = { match: "all", conditions: [] };

export function GoalDrawer() {
  const { isReadOnly } = useDraft();
  const { isOpen, open } = useGoalPanel();
  const { data: words, error, refetch } = useAudienceFields();
  return (
    <Drawer opened={isOpen && !isReadOnly} onClose={() => open(false)} position="right" size={720} title="The goal of the sequence" closeButtonProps={{ "aria-label": "Close" }}>
      {words !== undefined && <Content words={words} onClose={() => open(false)} />}
      {words === undefined && (error === null ? <WaitingRows rows={5} /> : <Failed error={error} onRetry={() => void refetch()} />)}
    </Drawer>
  );
}

function Content({ words, onClose }: { words: AudienceFields; onClose: () => void }) {
  const { broadcast, change } = useDraft();
  const editing = useFilterEditing({ words, start: () => startHistory(fromFilter(broadcast.goal ?? nothing)), isReadOnly: false });
  const { filter, nameOf } = editing;
  const live = useLiveAudience(`goal of ${broadcast.id}`, filter, { facets: true });
  const isEmpty = filter.conditions.length === 0;
  const save = () => {
    if (!isSameFilter(filter, broadcast.goal ?? nothing)) change({ broadcast: { goal: isEmpty ? null : filter } });
    onClose();
  };
  return (
    <Stack gap="lg">
      <Text c="dimmed">Whoever meets these conditions has got where the sequence leads and gets none of its later steps.</Text>
      <LiveBuilder editing={editing} live={live} />
      {!isEmpty && (
        <Text>
          {sentence(filter, words, nameOf)}.{" "}
          {live.matched !== null && <Amount isStale={live.isNumberStale}>{`${countOf(live.matched, "contact meets", "contacts meet")} it now.`}</Amount>}
        </Text>
      )}
      {live.problem !== null && <Notice kind="bad" isAlert>{live.problem.detail}</Notice>}
      <Group gap={8}>
        <Button disabled={isEmpty && broadcast.goal === null} onClick={save}>
          {isEmpty && broadcast.goal !== null ? "Take the goal away" : "Set the goal"}
        </Button>
        <Button variant="default" onClick={onClose}>
          Go back
        </Button>
      </Group>
    </Stack>
  );
}
