/** The filter, the numbers that it matches while it is typed, and the people behind them. */
import { Text, Title } from "@mantine/core";
import { useMemo } from "react";
import { useAudienceFields } from "@/api/audience";
import { FacetsContext, facetsFrom, noFacets } from "@/api/facets";
import { useLiveAudience, type LiveAudience } from "@/api/liveAudience";
import { inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { count } from "@/lib/format";
import { faultsAt, placeAt } from "@/lib/filter/document";
import { sentence } from "@/lib/filter/sentence";
import type { AudienceFields } from "@/api/types";
import { Announce } from "@/ui/Announce";
import { Figure } from "@/ui/Figure";
import { NextStep } from "@/ui/NextStep";
import { Notice } from "@/ui/Notice";
import { usePeople } from "@/ui/People";
import { Failed, WaitingRows } from "@/ui/States";
import { StepPage } from "@/ui/StepPage";
import { Builder } from "./Builder";
import { FacetPanel } from "./FacetPanel";
import { Freshness } from "./Freshness";
import { MatchedPeople } from "./MatchedPeople";
import { SaveAsSegment } from "./segments/SaveAsSegment";
import { useDraftFilter } from "./useDraftFilter";
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
  const editing = useDraftFilter(words);
  const { filter, places, nameOf } = editing;
  const { broadcast, isReadOnly, faults: saveFaults } = useDraft();
  const live = useLiveAudience(broadcast.id, filter, { facets: true });
  const isOffline = live.connection === "offline";
  const areFacetsStale = live.areFacetsStale || isOffline;
  const facets = useMemo(() => (live.facets === null ? noFacets : facetsFrom(live.facets, areFacetsStale)), [live.facets, areFacetsStale]);

  const faults = live.problem?.errors ?? saveFaults;
  const isAtNoPart = live.problem !== null && live.problem.errors.every(({ pointer }) => placeAt(places, pointer) === undefined);

  return (
    <FacetsContext value={facets}>
      <Builder editing={editing} faults={faultsAt(places, faults)} />
      <section aria-label="Matched contacts" className={classes["matched"]}>
        <div className={classes["summary"]}>
          <Numbers live={live} isOffline={isOffline} />
          <Text c="dimmed" className={classes["sentence"]}>
            {sentence(filter, words, nameOf)}
          </Text>
          {!isReadOnly && (
            <div className={classes["saveAs"]}>
              <SaveAsSegment filter={filter} matched={live.isNumberStale ? null : live.matched} />
            </div>
          )}
        </div>
        {isOffline && <Notice kind="offline">Offline: these numbers may be old. Clarion reconnects by itself, and your edits stay here.</Notice>}
        {live.problem !== null && isAtNoPart && <Notice kind="bad" isAlert>{live.problem.detail}</Notice>}
      </section>
      <FacetPanel editing={editing} words={words} facets={live.facets} countable={live.countable} isStale={areFacetsStale} onLook={live.look} />
      <section aria-label="People" className={classes["matched"]}>
        {live.contacts === null && live.problem === null && (isOffline ? <Text c="dimmed" p={16}>{inWords(null)}</Text> : <WaitingRows />)}
        {live.contacts !== null && (
          <MatchedPeople filter={live.answered ?? filter} words={words} first={live.contacts} next={live.next} total={live.matched} isStale={live.arePeopleStale || isOffline} name={broadcast.name || "Untitled broadcast"} />
        )}
      </section>
    </FacetsContext>
  );
}

function Numbers({ live, isOffline }: { live: LiveAudience; isOffline: boolean }) {
  const { open } = usePeople();
  const { matched, total, smsReachable: sms, emailReachable: email } = live;
  const isReachStale = live.isReachStale || isOffline;
  const said = matched === null || total === null ? "Counting" : `${count(matched)} of ${count(total)} contacts match`;
  const reach = sms === null || email === null ? "" : `, ${count(sms)} reachable by SMS, ${count(email)} by email`;
  const reached = (value: number | null, by: string, people: "reachable" | "email.reachable") => (
    <button type="button" className="number-link" onClick={() => open(people)} disabled={value === null} aria-label={`${count(value ?? 0)} reachable by ${by}, show the people`}>
      <Figure value={value} isStale={isReachStale} /> by {by}
    </button>
  );
  return (
    <>
      <Title order={2} className={classes["number"]} data-testid="matched">
        <Figure value={matched} isStale={live.isNumberStale || isOffline} />
        <span className={classes["of"]}>
          {" of "}
          <Figure value={total} /> contacts match
        </span>
      </Title>
      <div className={classes["reach"]}>
        <span>Reachable</span>
        {reached(sms, "SMS", "reachable")}
        {reached(email, "email", "email.reachable")}
        <Freshness fresh={live.freshness} />
      </div>
      <Announce>{said + reach}</Announce>
    </>
  );
}
