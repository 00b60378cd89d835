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
  expect(draft.snapshot().edits.steps["s1"]?.scheduled_for).toBe("2020-01-15T09:00:00");
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
  expect(draft.snapshot()).toMatchObject({ saving: "saved", failure: null, faults: [], edits: { steps: {} } });
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

/** A server of a sequence that keeps what it is sent, and refuses a name of the first step. */
function serveSequence() {
  const [step] = saved.steps;
  let current = { ...saved, steps: [step, { ...step, id: "s2" }] } as Broadcast;
  const asked: string[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    const change = (await request.json()) as Record<string, unknown>;
    const id = request.url.split("/").at(-1);
    asked.push(`${request.method} ${id ?? ""} ${Object.keys(change).join()} v${String(change["version"])}`);
    if (id === "s1" && "name" in change) return json({ ...past, errors: [{ pointer: "/name", detail: "Not this one." }] }, 422);
    const steps = current.steps.map((each) => (each.id === id ? { ...each, ...change } : each));
    current = { ...current, version: current.version + 1, steps };
    return json(current, 200);
  });
  const cache = new QueryClient();
  cache.setQueryData(broadcastQuery("b1").queryKey, current);
  return { asked, draft: new Draft("b1", cache, () => undefined), now: () => current };
}

test("edits of several steps are saved one after the other, each on the version before it", async () => {
  const { asked, draft } = serveSequence();
  draft.change({ steps: { s2: { body: "Second" } } });
  draft.change({ step: { body: "First" }, steps: { s2: { name: "Reminder" } } });
  await draft.flush();
  expect(asked).toEqual(["PATCH s2 version,body,name v1", "PATCH s1 version,body v2"]);
  expect(draft.snapshot()).toMatchObject({ saving: "saved", faults: [] });
});

test("what is refused of one step keeps nothing of the others from being saved", async () => {
  const { draft, now } = serveSequence();
  draft.change({ step: { name: "No" }, steps: { s2: { body: "Second" } } });
  await draft.flush();
  await vi.waitFor(() => expect(now().steps[1]?.body).toBe("Second"));
  expect(draft.snapshot()).toMatchObject({ saving: "failed", faultsOf: "s1", faults: [{ pointer: "/name" }], edits: { steps: { s1: { name: "No" } } } });
});

test("what is done at once comes after what was edited, on its version", async () => {
  const { draft } = serveSequence();
  draft.change({ steps: { s2: { body: "Second" } } });
  const seen: number[] = [];
  const answer = await draft.act((broadcast) => {
    seen.push(broadcast.version);
    return Promise.resolve({ ...broadcast, version: broadcast.version + 1, steps: broadcast.steps.toReversed() });
  });
  expect(seen).toEqual([2]);
  expect(answer?.steps.map(({ id }) => id)).toEqual(["s2", "s1"]);
  expect(draft.known()?.version).toBe(3);
});

test("what is refused at once is told to whoever asked, and the draft goes on", async () => {
  const { draft, asked } = serveSequence();
  await expect(draft.act(() => Promise.reject(new TypeError("offline")))).rejects.toThrow("offline");
  draft.change({ steps: { s2: { body: "Later" } } });
  await draft.flush();
  expect(asked).toEqual(["PATCH s2 version,body v1"]);
});
