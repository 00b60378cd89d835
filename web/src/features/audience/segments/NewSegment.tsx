/** A new segment: the filter first, then its name. */
import { Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useAudienceFields } from "@/api/audience";
import { useLiveAudience } from "@/api/liveAudience";
import { fromFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { sentence } from "@/lib/filter/sentence";
import { sampleFrom } from "@/lib/segments";
import type { AudienceFields, Group } from "@/api/types";
import { Failed, WaitingRows } from "@/ui/States";
import { useFilterEditing } from "../useFilterEditing";
import { isShownAtPart, LiveBuilder } from "./LiveBuilder";
import { LivePeople } from "./LivePeople";
import { SaveAsSegment } from "./SaveAsSegment";
import { BackToSegments } from "./BackToSegments";
import classes from "./Segments.module.css";

const everybody: Group = { match: "all", conditions: [] };

export function NewSegment() {
  useDocumentTitle("New segment · Clarion");
  const { data: words, error, refetch } = useAudienceFields();
  return (
    <div className={classes["page"]}>
      <BackToSegments />
      <Title order={1}>New segment</Title>
      <Text c="dimmed" mb="lg">
        Choose who is in it, then save it under a name.
      </Text>
      {words !== undefined && <Filter words={words} />}
      {words === undefined && (error === null ? <WaitingRows rows={5} /> : <Failed error={error} onRetry={() => void refetch()} />)}
    </div>
  );
}

function Filter({ words }: { words: AudienceFields }) {
  const { sample = false } = useSearch({ from: "/segments/new" });
  const navigate = useNavigate();
  const start = () => startHistory(fromFilter((sample ? sampleFrom(words.fields) : null) ?? everybody));
  const editing = useFilterEditing({ words, start, isReadOnly: false });
  const { filter, nameOf } = editing;
  const live = useLiveAudience("new segment", filter, { facets: true });
  return (
    <Stack gap="lg">
      <LiveBuilder editing={editing} live={live} />
      <div>
        <SaveAsSegment
          filter={filter}
          matched={live.isNumberStale ? null : live.matched}
          isMain
          onSave={({ id }) => void navigate({ to: "/segments/$id", params: { id } })}
        />
      </div>
      <LivePeople live={live} filter={filter} said={sentence(filter, words, nameOf)} isProblemShown={isShownAtPart(editing, live)} />
    </Stack>
  );
}
