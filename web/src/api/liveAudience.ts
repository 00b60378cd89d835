/** The audience while its filter is edited: each change is asked at once, only the newest answer counts. */
import { useEffect, useState, useSyncExternalStore } from "react";
import { LiveSocket, type LiveState } from "./live";
import type { AudienceAnswer, AudienceMatched, Contact, Estimate, Group, Problem } from "./types";

const ASK_AFTER_MS = 40;
const FIRST_PAGE = 10;

export interface LiveAudience {
  connection: LiveState;
  matched: number | null;
  total: number | null;
  tookMs: number | null;
  estimate: Estimate | null;
  contacts: Contact[] | null;
  /** The filter that these contacts match. */
  answered: Group | null;
  next: string | null;
  problem: Problem | null;
  /** The number shown does not belong to the newest filter. */
  isNumberStale: boolean;
  arePeopleStale: boolean;
}

type Answer = AudienceMatched | AudienceAnswer | (Problem & { id?: number | null });

const nothing: LiveAudience = {
  connection: "connecting",
  matched: null,
  total: null,
  tookMs: null,
  estimate: null,
  contacts: null,
  answered: null,
  next: null,
  problem: null,
  isNumberStale: true,
  arePeopleStale: true,
};

/** The last whole answer, so that going from step to step does not blank the numbers. */
let last: { broadcast: string; filter: string; state: LiveAudience } | null = null;

function stateAtFirst(broadcast: string, filter: Group): LiveAudience {
  if (last?.broadcast !== broadcast) return nothing;
  const isOld = last.filter !== JSON.stringify(filter);
  return { ...last.state, connection: "connecting", isNumberStale: isOld, arePeopleStale: isOld };
}

export class AudienceStream {
  private state: LiveAudience;
  private readonly broadcast: string;
  private filter: Group;
  private askedFilter: Group;
  private asked = 0;
  private socket: LiveSocket | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  constructor(broadcast: string, filter: Group) {
    this.broadcast = broadcast;
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
        this.update({ connection, ...(isBack ? { isNumberStale: true, arePeopleStale: true } : {}) });
        if (connection === "open") this.ask();
      },
    });
    return () => {
      clearTimeout(this.timer);
      this.socket?.close();
      this.socket = null;
    };
  }

  change(filter: Group) {
    if (JSON.stringify(filter) === JSON.stringify(this.filter)) return;
    this.filter = filter;
    this.update({ isNumberStale: true, arePeopleStale: true });
    this.timer ??= setTimeout(() => this.ask(), ASK_AFTER_MS);
  }

  private ask() {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.asked += 1;
    this.askedFilter = this.filter;
    this.socket?.send({ id: this.asked, filter: this.filter, limit: FIRST_PAGE });
  }

  private receive(answer: Answer) {
    if (answer.id !== undefined && answer.id !== null && answer.id !== this.asked) return;
    if ("detail" in answer) {
      this.update({ problem: answer, isNumberStale: true, arePeopleStale: true });
      return;
    }
    const isNewest = this.timer === undefined;
    if (answer.type === "matched") {
      const { matched, total, took_ms: tookMs } = answer;
      this.update({ matched, total, tookMs, problem: null, isNumberStale: !isNewest });
      return;
    }
    const { estimate, contacts, next } = answer;
    const { matched, total } = estimate;
    const answered = this.askedFilter;
    this.update({ estimate, contacts, answered, next, matched, total, problem: null, isNumberStale: !isNewest, arePeopleStale: !isNewest });
    if (isNewest) last = { broadcast: this.broadcast, filter: JSON.stringify(this.filter), state: this.state };
  }

  private update(change: Partial<LiveAudience>) {
    this.state = { ...this.state, ...change };
    this.listeners.forEach((tell) => tell());
  }
}

export function useLiveAudience(broadcast: string, filter: Group): LiveAudience {
  const [stream] = useState(() => new AudienceStream(broadcast, filter));
  useEffect(() => stream.open(), [stream]);
  useEffect(() => stream.change(filter), [stream, filter]);
  return useSyncExternalStore(stream.subscribe, stream.snapshot);
}
