/** The filter, the number that it matches while it is typed, and the people behind the number. */
import { Text, Title } from "@mantine/core";
import { useAudienceFields } from "@/api/audience";
import { useLiveAudience } from "@/api/liveAudience";
import { inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { count } from "@/lib/format";
import { sentence } from "@/lib/filter/sentence";
import { placeAt } from "@/lib/filter/tree";
import type { AudienceFields } from "@/api/types";
import { Announce } from "@/ui/Announce";
import { Figure } from "@/ui/Figure";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { Failed, WaitingRows } from "@/ui/States";
import { StepPage } from "@/ui/StepPage";
import { EditingContext } from "./catalogue";
import { GroupEditor } from "./GroupEditor";
import { MatchedPeople } from "./MatchedPeople";
import { useFilterEditing } from "./useFilterEditing";
import classes from "./Audience.module.css";

export function AudienceStep() {
  const { generation } = useDraft();
  const { data: words, error, refetch } = useAudienceFields();
  return (
    <StepPage title="Select Your Audience" step="audience">
      {words !== undefined && <Audience key={generation} words={words} />}
      {words === undefined && (error === null ? <WaitingRows rows={5} /> : <Failed error={error} onRetry={() => void refetch()} />)}
      <NextStep after="audience" />
    </StepPage>
  );
}

function Audience({ words }: { words: AudienceFields }) {
  const { tree, filter, places, faults: saveFaults, editing } = useFilterEditing(words);
  const { broadcast } = useDraft();
  const live = useLiveAudience(broadcast.id, filter);
  const { matched, total } = live;
  const isOffline = live.connection === "offline";
  const isStale = live.isNumberStale || isOffline;

  const faults = live.problem?.errors ?? saveFaults;
  const atPart = new Map(faults.map(({ pointer, detail }) => [placeAt(places, pointer), detail]));
  const isAtNoPart = live.problem !== null && live.problem.errors.every(({ pointer }) => placeAt(places, pointer) === undefined);
  const said = matched === null || total === null ? "Counting" : `${count(matched)} of ${count(total)} contacts match`;

  return (
    <EditingContext value={{ ...editing, faultOf: (id) => atPart.get(id) }}>
      <section aria-label="Filter" className={classes["filter"]}>
        <GroupEditor group={tree} depth={1} />
      </section>
      <section aria-label="Matched contacts" className={classes["matched"]}>
        <div className={classes["summary"]}>
          <Title order={2} className={classes["number"]} data-testid="matched">
            <Figure value={matched} isStale={isStale} />
            <span className={classes["of"]}>
              {" of "}
              <Figure value={total} /> contacts match
            </span>
          </Title>
          <Text c="dimmed" className={classes["sentence"]}>
            {sentence(filter, words)}
          </Text>
          <Announce>{said}</Announce>
        </div>
        {isOffline && <Notice kind="offline">Offline: this number may be old. Your edits stay here.</Notice>}
        {live.problem !== null && isAtNoPart && <Notice kind="bad" isAlert>{live.problem.detail}</Notice>}
        {live.contacts === null && live.problem === null && (isOffline ? <Text c="dimmed">{inWords(null)}</Text> : <WaitingRows />)}
        {live.contacts !== null && (
          <MatchedPeople filter={live.answered ?? filter} words={words} first={live.contacts} next={live.next} total={matched} isStale={live.arePeopleStale || isOffline} />
        )}
      </section>
    </EditingContext>
  );
}
