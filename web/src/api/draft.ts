/** The edits of one broadcast: shown at once, saved shortly after, never two requests at a time. */
import type { QueryClient } from "@tanstack/react-query";
import { broadcastQuery } from "./broadcast";
import { answerOf, api } from "./client";
import { contentOf, except, isEmpty, nextPart, none, over, split, withoutTimeOf, type Edits, type Part } from "./edits";
import { ApiProblem, hasStatus, inWords } from "./problem";
import type { Broadcast, Fault } from "./types";

export interface DraftState {
  /** Not saved yet, or refused by the server; what the screen shows over the saved broadcast. */
  edits: Edits;
  saving: "saved" | "waiting" | "saving" | "failed";
  /** Why the last attempt failed. */
  failure: string | null;
  faults: Fault[];
  /** The step whose change was refused. */
  faultsOf: string | null;
  /** Counts up when somebody else's newer version replaced what was edited here. */
  generation: number;
}

const SAVE_AFTER_MS = 300;
const LONGEST_WAIT_MS = 10_000;
/** What a person changes of the broadcast, of its first step, or of any step by its id. */
export interface Change {
  broadcast?: Edits["broadcast"];
  step?: Edits["steps"][string];
  steps?: Edits["steps"];
}

export class Draft {
  private pending = none;
  private inFlight = none;
  private refused = none;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private sending: Part | null = null;
  private attempts = 0;
  private pushed: Broadcast | null = null;
  private state: DraftState = { edits: none, saving: "saved", failure: null, faults: [], faultsOf: null, generation: 0 };
  private readonly listeners = new Set<() => void>();
  private readonly id: string;
  private readonly cache: QueryClient;
  private readonly onChangedElsewhere: () => void;

  constructor(id: string, cache: QueryClient, onChangedElsewhere: () => void) {
    this.id = id;
    this.cache = cache;
    this.onChangedElsewhere = onChangedElsewhere;
  }

  readonly snapshot = () => this.state;

  readonly subscribe = (tell: () => void) => {
    this.listeners.add(tell);
    return () => this.listeners.delete(tell);
  };

  change({ broadcast = {}, step, steps = {} }: Change) {
    const first = this.known()?.steps[0]?.id;
    const ofFirst = step === undefined || first === undefined ? {} : { [first]: step };
    const added = over({ broadcast, steps }, { ...none, steps: ofFirst });
    this.pending = over(this.pending, added);
    this.refused = except(this.refused, added);
    this.forgetTimeIfNow();
    this.attempts = 0;
    this.tell({ saving: "waiting", failure: null, faults: isEmpty(this.refused) ? [] : this.state.faults });
    this.later(SAVE_AFTER_MS);
  }

  /** Saves what is left; resolves when the server has it, or has refused it. */
  async flush(): Promise<void> {
    clearTimeout(this.timer);
    this.running ??= this.save().finally(() => {
      this.running = null;
    });
    await this.running;
  }

  /**
   * Something that is done at once, on top of what is saved: a step more, another order. Rejects with what went wrong; refused as
   * changed elsewhere, the newest is shown.
   */
  async act(call: (broadcast: Broadcast) => Promise<Broadcast>): Promise<Broadcast | null> {
    await this.flush();
    while (this.running !== null) await this.running;
    const known = this.known();
    if (known === undefined) return null;
    const outcome = call(known).then(
      (saved) => {
        this.cache.setQueryData(broadcastQuery(this.id).queryKey, saved);
        this.tell({});
        return { saved };
      },
      (error: unknown) => ({ error }),
    );
    this.running = outcome.then(() => {
      this.running = null;
      this.adoptPushed();
      if (!isEmpty(this.pending)) this.later(SAVE_AFTER_MS);
    });
    const ended = await outcome;
    if ("saved" in ended) return ended.saved;
    if (hasStatus(ended.error, 409)) {
      await this.cache.query({ ...broadcastQuery(this.id), staleTime: 0 });
      this.giveWay();
    }
    throw ended.error;
  }

  /** A version that the server announced by itself. */
  receive(broadcast: Broadcast) {
    if (this.running !== null) this.pushed = broadcast;
    else this.adopt(broadcast);
  }

  private adopt(broadcast: Broadcast) {
    const known = this.known();
    if (known !== undefined && broadcast.version < known.version) return;
    this.cache.setQueryData(broadcastQuery(this.id).queryKey, broadcast);
    const isNewContent = known !== undefined && broadcast.version > known.version && contentOf(broadcast) !== contentOf(known);
    if (isNewContent && broadcast.status === "draft") this.giveWay();
  }

  private giveWay() {
    clearTimeout(this.timer);
    this.pending = this.inFlight = this.refused = none;
    this.tell({ saving: "saved", failure: null, faults: [], generation: this.state.generation + 1 });
    this.onChangedElsewhere();
  }

  /** The saved broadcast as it is known now; queries tell their listeners a moment later. */
  known() {
    return this.cache.getQueryData(broadcastQuery(this.id).queryKey);
  }

  private async save() {
    try {
      while (!isEmpty(this.pending)) {
        this.inFlight = this.pending;
        this.pending = none;
        this.tell({ saving: "saving" });
        await this.send();
        this.inFlight = none;
        this.tell({});
      }
      this.attempts = 0;
      if (isEmpty(this.refused)) this.tell({ saving: "saved", failure: null, faults: [] });
    } catch (error) {
      await this.recover(error);
    }
    this.adoptPushed();
  }

  private adoptPushed() {
    const { pushed } = this;
    this.pushed = null;
    if (pushed !== null) this.adopt(pushed);
  }

  private async send() {
    for (let part = nextPart(this.inFlight); part !== null; part = nextPart(this.inFlight)) {
      this.sending = part;
      const current = this.known();
      if (current === undefined) return;
      const { version } = current;
      const path = { broadcast_id: this.id };
      // `keepalive` lets the last save outlive the page.
      const saved = await answerOf(
        part.of === "broadcast"
          ? api.PATCH("/api/v1/broadcasts/{broadcast_id}", { params: { path }, body: { version, ...this.inFlight.broadcast }, keepalive: true })
          : api.PATCH("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
              params: { path: { ...path, step_id: part.id } },
              body: { version, ...this.inFlight.steps[part.id] },
              keepalive: true,
            }),
      );
      this.cache.setQueryData(broadcastQuery(this.id).queryKey, saved);
      [, this.inFlight] = split(this.inFlight, part);
    }
  }

  private async recover(error: unknown) {
    if (hasStatus(error, 409)) {
      await this.cache.query({ ...broadcastQuery(this.id), staleTime: 0 });
      this.giveWay();
      return;
    }
    const isFinal = error instanceof ApiProblem && error.status < 500;
    if (isFinal) {
      const part = this.sending ?? { of: "broadcast" };
      const [failed, rest] = split(this.inFlight, part);
      this.pending = over(rest, this.pending);
      // What was edited again meanwhile stands in its place.
      this.refused = except(over(this.refused, failed), this.pending);
      this.inFlight = none;
      this.forgetTimeIfNow();
      if (isEmpty(this.refused)) this.tell({ saving: isEmpty(this.pending) ? "saved" : "waiting", failure: null, faults: [] });
      else this.tell({ saving: "failed", failure: inWords(error), faults: error.faults, faultsOf: part.of === "step" ? part.id : null });
      if (!isEmpty(this.pending)) this.later(SAVE_AFTER_MS);
      return;
    }
    this.pending = over(this.inFlight, this.pending);
    this.inFlight = none;
    this.attempts += 1;
    this.tell({ saving: "failed", failure: inWords(error) });
    this.later(Math.min(LONGEST_WAIT_MS, SAVE_AFTER_MS * 2 ** this.attempts));
  }

  private forgetTimeIfNow() {
    const first = this.known()?.steps[0];
    if (first === undefined) return;
    const mode = over(this.refused, this.pending).steps[first.id]?.send_mode ?? first.send_mode;
    if (mode === "now") this.refused = withoutTimeOf(this.refused, first.id);
  }

  private later(wait: number) {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => void this.flush(), wait);
  }

  private tell(change: Partial<DraftState>) {
    const edits = over(over(this.refused, this.inFlight), this.pending);
    this.state = { ...this.state, ...change, edits };
    this.listeners.forEach((listener) => listener());
  }
}
