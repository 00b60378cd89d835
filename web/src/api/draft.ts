/** The edits of one broadcast: shown at once, saved shortly after, never two requests at a time. */
import type { QueryClient } from "@tanstack/react-query";
import { broadcastQuery } from "./broadcast";
import { answerOf, api } from "./client";
import { ApiProblem, hasStatus, inWords } from "./problem";
import type { Broadcast, BroadcastChange, Fault, StepChange } from "./types";

type BroadcastEdits = Omit<BroadcastChange, "version">;
type StepEdits = Omit<StepChange, "version">;

export interface Edits {
  broadcast: BroadcastEdits;
  step: StepEdits;
}

export interface DraftState {
  /** Not saved yet, or refused by the server; what the screen shows over the saved broadcast. */
  edits: Edits;
  saving: "saved" | "waiting" | "saving" | "failed";
  /** Why the last attempt failed. */
  failure: string | null;
  faults: Fault[];
  /** Counts up when somebody else's newer version replaced what was edited here. */
  generation: number;
}

const SAVE_AFTER_MS = 300;
const LONGEST_WAIT_MS = 10_000;
const none: Edits = { broadcast: {}, step: {} };

const isEmpty = (edits: Edits) => Object.keys(edits.broadcast).length + Object.keys(edits.step).length === 0;

const over = (below: Edits, above: Edits): Edits => ({
  broadcast: { ...below.broadcast, ...above.broadcast },
  step: { ...below.step, ...above.step },
});

const without = <T extends object>(from: T, keys: object): T =>
  Object.fromEntries(Object.entries(from).filter(([key]) => !(key in keys))) as T;

/** A refused date is of no concern to somebody who sends at once. */
const withoutTime = (edits: Edits): Edits => ({
  ...edits,
  step: without(edits.step, { scheduled_for: null, time_zone: null }),
});

const contentOf = (broadcast: Broadcast) =>
  JSON.stringify([
    broadcast.name,
    broadcast.broadcast_type,
    broadcast.filter,
    broadcast.audience_mode,
    broadcast.late_policy,
    broadcast.max_per_minute,
    broadcast.stop_at_failure_rate,
    broadcast.steps.map((step) => [step.body, step.send_mode, step.scheduled_for, step.time_zone]),
  ]);

export class Draft {
  private pending = none;
  private inFlight = none;
  private refused = none;
  private running: Promise<void> | null = null;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private attempts = 0;
  private pushed: Broadcast | null = null;
  private state: DraftState = { edits: none, saving: "saved", failure: null, faults: [], generation: 0 };
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

  change(edits: Partial<Edits>) {
    const added = over(none, { ...none, ...edits });
    this.pending = over(this.pending, added);
    this.refused = {
      broadcast: without(this.refused.broadcast, added.broadcast),
      step: without(this.refused.step, added.step),
    };
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
    const { pushed } = this;
    this.pushed = null;
    if (pushed !== null) this.adopt(pushed);
  }

  private async send() {
    const path = { broadcast_id: this.id };
    const { broadcast, step } = this.inFlight;
    const current = this.known();
    if (current === undefined) return;
    let { version } = current;
    // `keepalive` lets the last save outlive the page.
    if (Object.keys(broadcast).length > 0) {
      const saved = await answerOf(
        api.PATCH("/api/v1/broadcasts/{broadcast_id}", { params: { path }, body: { version, ...broadcast }, keepalive: true }),
      );
      ({ version } = saved);
      this.cache.setQueryData(broadcastQuery(this.id).queryKey, saved);
      this.inFlight = { broadcast: {}, step };
    }
    const stepId = current.steps[0]?.id;
    if (Object.keys(step).length > 0 && stepId !== undefined) {
      const saved = await answerOf(
        api.PATCH("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
          params: { path: { ...path, step_id: stepId } },
          body: { version, ...step },
          keepalive: true,
        }),
      );
      this.cache.setQueryData(broadcastQuery(this.id).queryKey, saved);
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
      const refused = over(this.refused, this.inFlight);
      // What was edited again meanwhile stands in its place.
      this.refused = {
        broadcast: without(refused.broadcast, this.pending.broadcast),
        step: without(refused.step, this.pending.step),
      };
      this.inFlight = none;
      this.forgetTimeIfNow();
      if (isEmpty(this.refused)) this.tell({ saving: isEmpty(this.pending) ? "saved" : "waiting", failure: null, faults: [] });
      else this.tell({ saving: "failed", failure: inWords(error), faults: error.faults });
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
    const mode = over(this.refused, this.pending).step.send_mode ?? this.known()?.steps[0]?.send_mode;
    if (mode === "now") this.refused = withoutTime(this.refused);
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
