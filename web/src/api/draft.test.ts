import { QueryClient } from "@tanstack/react-query";
import { afterEach, expect, test, vi } from "vitest";
import { broadcastQuery } from "./broadcast";
import { Draft } from "./draft";
import type { Broadcast } from "./types";

const saved = {
  id: "b1",
  name: "Autumn",
  broadcast_type: "sms",
  status: "draft",
  filter: { match: "all", conditions: [] },
  version: 1,
  steps: [{ id: "s1", body: "", send_mode: "now", scheduled_for: null, time_zone: "UTC" }],
} as unknown as Broadcast;

const past = { type: "", title: "Not valid", status: 422, detail: "No.", errors: [{ pointer: "/scheduled_for", detail: "This time has passed." }] };

const json = (body: unknown, status: number) =>
  new Response(JSON.stringify(body), { status, headers: { "Content-Type": status < 300 ? "application/json" : "application/problem+json" } });

/** A server that refuses every date while the broadcast is scheduled for later. */
function serve() {
  let current = saved;
  const answers: (() => void)[] = [];
  const fetched = vi.fn(async (request: Request) => {
    const change = (await request.json()) as Record<string, unknown>;
    await new Promise<void>((resolve) => answers.push(resolve));
    const [step] = current.steps;
    const mode = change["send_mode"] ?? step?.send_mode;
    if (mode === "later" && "scheduled_for" in change) return json(past, 422);
    current = { ...current, version: current.version + 1, steps: [{ ...step, ...change }] } as Broadcast;
    return json(current, 200);
  });
  vi.stubGlobal("fetch", fetched);
  return { answer: () => vi.waitUntil(() => answers.length > 0).then(() => answers.shift()?.()) };
}

function draftOf() {
  const cache = new QueryClient();
  cache.setQueryData(broadcastQuery("b1").queryKey, saved);
  return new Draft("b1", cache, () => undefined);
}

afterEach(() => vi.unstubAllGlobals());

test("a refused date stands at its field until it is mended", async () => {
  const server = serve();
  const draft = draftOf();
  draft.change({ step: { send_mode: "later", scheduled_for: "2020-01-15T09:00:00" } });
  const flushed = draft.flush();
  await server.answer();
  await flushed;
  expect(draft.snapshot().saving).toBe("failed");
  expect(draft.snapshot().faults).toEqual(past.errors);
  expect(draft.snapshot().edits.step.scheduled_for).toBe("2020-01-15T09:00:00");
});

test("sending immediately forgets the date that was refused", async () => {
  const server = serve();
  const draft = draftOf();
  draft.change({ step: { send_mode: "later", scheduled_for: "2020-01-15T09:00:00" } });
  const refused = draft.flush();
  await server.answer();
  await refused;
  draft.change({ step: { send_mode: "now" } });
  const flushed = draft.flush();
  await server.answer();
  await flushed;
  expect(draft.snapshot()).toMatchObject({ saving: "saved", failure: null, faults: [], edits: { step: {} } });
});

test("sending immediately wins over a date that is refused while it is chosen", async () => {
  const server = serve();
  const draft = draftOf();
  draft.change({ step: { send_mode: "later", scheduled_for: "2020-01-15T09:00:00" } });
  const refused = draft.flush();
  draft.change({ step: { send_mode: "now" } });
  await server.answer();
  await refused;
  expect(draft.snapshot().faults).toEqual([]);
  const flushed = draft.flush();
  await server.answer();
  await flushed;
  expect(draft.snapshot()).toMatchObject({ saving: "saved", failure: null, faults: [] });
});
