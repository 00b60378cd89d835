/** The audience while its filter is edited: each change is asked at once, only the newest answer counts. */
import { useEffect, useState, useSyncExternalStore } from "react";
import type { Facet, FacetsAnswer } from "./facets";
import { LiveSocket, type LiveState } from "./live";
import type { AudienceAnswer, AudienceMatched, Contact, Estimate, Freshness, Group, Problem } from "./types";

const ASK_AFTER_MS = 40;
const FIRST_PAGE = 10;
const MOST_FACETS = 100;
/** While the contacts are still being read the database counts, but not by value: asked again, less and less often. */
const ASK_AGAIN_MS = [2_000, 4_000, 8_000, 16_000, 32_000];

export interface LiveAudience {
  connection: LiveState;
  matched: number | null;
  total: number | null;
  smsReachable: number | null;
  emailReachable: number | null;
  tookMs: number | null;
  freshness: Freshness | null;
  estimate: Estimate | null;
  /** Of the fields in sight; null where nothing was counted by value. */
  facets: Facet[] | null;
  /** The fields that can be counted by value; null until it is known. */
  countable: string[] | null;
  contacts: Contact[] | null;
  /** The filter that these contacts match. */
  answered: Group | null;
  next: string | null;
  problem: Problem | null;
  /** The number shown does not belong to the newest filter. */
  isNumberStale: boolean;
  /** Nor whom each channel reaches, */
  isReachStale: boolean;
  /** the counts by value, */
  areFacetsStale: boolean;
  /** and the contacts themselves. */
  arePeopleStale: boolean;
}

type Answer = AudienceMatched | FacetsAnswer | AudienceAnswer | (Problem & { id?: number | null });

const allStale = { isNumberStale: true, isReachStale: true, areFacetsStale: true, arePeopleStale: true };

const nothing: LiveAudience = {
  connection: "connecting",
  matched: null,
  total: null,
  smsReachable: null,
  emailReachable: null,
  tookMs: null,
  freshness: null,
  estimate: null,
  facets: null,
  countable: null,
  contacts: null,
  answered: null,
  next: null,
  problem: null,
  ...allStale,
};

/** The last whole answer, so that going from step to step does not blank the numbers. */
let last: { broadcast: string; filter: string; state: LiveAudience } | null = null;

function stateAtFirst(broadcast: string, filter: Group): LiveAudience {
  if (last?.broadcast !== broadcast) return nothing;
  const isOld = last.filter !== JSON.stringify(filter);
  return { ...last.state, connection: "connecting", ...(isOld ? allStale : {}) };
}

export interface Asked {
  /** Counts by value, too: of the fields of the filter, and of those that `look` names. */
  facets?: boolean;
}

/** The fields whose values the filter names, or will. */
function fieldsOf(filter: Group): string[] {
  return filter.conditions.flatMap((part) => ("conditions" in part ? fieldsOf(part) : "field" in part ? [part.field] : []));
}

export class AudienceStream {
  private state: LiveAudience;
  private readonly broadcast: string;
  private readonly withFacets: boolean;
  private inSight: string[] = [];
  private askedFacets: string[] = [];
  private filter: Group;
  private askedFilter: Group;
  private asked = 0;
  private facetsOf = 0;
  private socket: LiveSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private again: ReturnType<typeof setTimeout> | undefined;
  private timesAgain = 0;
  private readonly listeners = new Set<() => void>();

  constructor(broadcast: string, filter: Group, { facets = false }: Asked = {}) {
    this.broadcast = broadcast;
    this.withFacets = facets;
    this.filter = this.askedFilter = filter;
    this.state = stateAtFirst(broadcast, filter);
  }

  readonly snapshot = () => this.state;

  readonly subscribe = (tell: () => void) => {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  };

  open() {
    this.socket = new LiveSocket("/api/v1/live/audience", {
      onMessage: (message) => this.receive(message as Answer),
      onState: (connection) => {
        // Contacts may have changed while there was no connection.
        const isBack = connection === "open" && this.asked > 0;
        this.update({ connection, ...(isBack ? allStale : {}) });
        if (connection === "open") this.ask();
      },
    });
    return () => {
      clearTimeout(this.timer);
      clearTimeout(this.again);
      this.socket?.close();
      this.socket = null;
    };
  }

  change(filter: Group) {
    if (JSON.stringify(filter) === JSON.stringify(this.filter)) return;
    this.filter = filter;
    this.timesAgain = 0;
    this.update(allStale);
    this.timer ??= setTimeout(() => this.ask(), ASK_AFTER_MS);
  }

  /** The fields whose counts are on the screen now; counted at once when they were not before. */
  look(fields: string[]) {
    this.inSight = fields;
    const isNew = this.withFacets && this.asked > 0 && fields.some((field) => !this.askedFacets.includes(field));
    if (isNew) this.timer ??= setTimeout(() => this.ask(), ASK_AFTER_MS);
  }

  private ask() {
    clearTimeout(this.timer);
    clearTimeout(this.again);
    this.timer = undefined;
    this.asked += 1;
    this.askedFilter = this.filter;
    this.askedFacets = [...new Set([...this.inSight, ...fieldsOf(this.filter)])].slice(0, MOST_FACETS);
    this.socket?.send({ id: this.asked, filter: this.filter, limit: FIRST_PAGE, facets: this.withFacets && this.askedFacets });
  }

  private receive(answer: Answer) {
    if (answer.id !== undefined && answer.id !== null && answer.id !== this.asked) return;
    if ("detail" in answer) {
      this.update({ problem: answer, ...allStale });
      return;
    }
    const isOld = this.timer !== undefined;
    switch (answer.type) {
      case "matched":
        this.update({ ...this.numbersOf(answer, isOld), problem: null });
        return;
      case "facets":
        this.facetsOf = answer.id;
        this.update({ facets: answer.fields, countable: answer.countable, areFacetsStale: isOld });
        return;
      case "audience":
        this.update({ ...this.peopleOf(answer, isOld), problem: null });
        if (!isOld) last = { broadcast: this.broadcast, filter: JSON.stringify(this.filter), state: this.state };
        if (answer.estimate.freshness.source === "database") this.askAgainLater();
    }
  }

  private askAgainLater() {
    const wait = ASK_AGAIN_MS[this.timesAgain];
    clearTimeout(this.again);
    if (!this.withFacets || wait === undefined) return;
    this.timesAgain += 1;
    this.again = setTimeout(() => this.ask(), wait);
  }

  private numbersOf(answer: AudienceMatched, isOld: boolean): Partial<LiveAudience> {
    const { matched, total, took_ms: tookMs, freshness, sms_reachable: sms, email_reachable: email } = answer;
    const numbers = { matched, total, tookMs, freshness, isNumberStale: isOld };
    // Whom each channel reaches takes the database longer: what was known stays, marked.
    if (sms === null || email === null) return numbers;
    return { ...numbers, smsReachable: sms, emailReachable: email, isReachStale: isOld };
  }

  private peopleOf({ estimate, contacts, next }: AudienceAnswer, isOld: boolean): Partial<LiveAudience> {
    const { matched, total, sms, email, freshness } = estimate;
    const hasFacets = this.facetsOf === this.asked;
    return {
      estimate, contacts, next, matched, total, freshness,
      answered: this.askedFilter,
      smsReachable: sms.reachable,
      emailReachable: email.reachable,
      isNumberStale: isOld, isReachStale: isOld, arePeopleStale: isOld,
      ...(hasFacets || !this.withFacets ? {} : { facets: null }),
    };
  }

  private update(change: Partial<LiveAudience>) {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((tell) => tell());
  }
}

export interface WatchedAudience extends LiveAudience {
  look: (fields: string[]) => void;
}

export function useLiveAudience(broadcast: string, filter: Group, asked?: Asked): WatchedAudience {
  const [stream] = useState(() => new AudienceStream(broadcast, filter, asked));
  useEffect(() => stream.open(), [stream]);
  useEffect(() => stream.change(filter), [stream, filter]);
  const state = useSyncExternalStore(stream.subscribe, stream.snapshot);
  const [look] = useState(() => (fields: string[]) => stream.look(fields));
  return { ...state, look };
}
