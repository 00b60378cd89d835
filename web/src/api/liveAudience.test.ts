import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AudienceStream, type Asked } from "./liveAudience";
import type { Contact, Group } from "./types";

const index = { source: "index", as_of: "2026-11-23T16:12:49Z", reason: null };
const database = { source: "database", as_of: "2026-11-23T16:12:49Z", reason: "The contacts are being read into memory." };

class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = 0;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  sent: { id: number; filter: Group; facets: string[] | false }[] = [];
  constructor() {
    FakeSocket.last = this;
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as (typeof this.sent)[number]);
  }
  close() {
    this.readyState = 3;
  }
  open() {
    this.readyState = 1;
    this.onopen();
  }
  answer(message: object) {
    this.onmessage({ data: JSON.stringify({ id: this.sent.at(-1)?.id, ...message }) });
  }
  matched(matched: number, reachable: number | null = null) {
    this.answer({ type: "matched", matched, total: 100, took_ms: 1, sms_reachable: reachable, email_reachable: reachable, freshness: index });
  }
  facets(contacts: number) {
    this.answer({ type: "facets", took_ms: 1, fields: [{ field: "city", values: [{ value: "Austin", contacts }], more: 0, empty: 0 }], countable: ["city", "state"] });
  }
  people(matched: number, freshness: object = index) {
    const contacts: Partial<Contact>[] = [{ id: "1" }];
    const reach = { reachable: matched - 1, left_out: [] };
    this.answer({ type: "audience", estimate: { matched, total: 100, sms: reach, email: reach, freshness }, contacts, next: null });
  }
}

const filter = (value: string): Group => ({ match: "all", conditions: [{ field: "city", operator: "is", value }] });
const staleness = (stream: AudienceStream) => {
  const { matched, isNumberStale, arePeopleStale } = stream.snapshot();
  return [matched, isNumberStale, arePeopleStale];
};

beforeEach(() => {
  vi.useFakeTimers();
  vi.stubGlobal("WebSocket", FakeSocket);
});
afterEach(() => {
  vi.useRealTimers();
});

function opened(broadcast: string, value: string, asked: Asked = {}) {
  const stream = new AudienceStream(broadcast, filter(value), asked);
  const close = stream.open();
  FakeSocket.last.open();
  return { stream, socket: FakeSocket.last, close };
}

test("a number that is asked again stays and is marked; the people are marked until they follow", () => {
  const { stream, socket } = opened("b1", "Austin");
  socket.people(30);
  expect(staleness(stream)).toEqual([30, false, false]);
  stream.change(filter("Dallas"));
  expect(staleness(stream)).toEqual([30, true, true]);
  vi.advanceTimersByTime(50);
  socket.matched(20);
  expect(staleness(stream)).toEqual([20, false, true]);
  expect(stream.snapshot().answered).toEqual(filter("Austin"));
  socket.people(20);
  expect(staleness(stream)).toEqual([20, false, false]);
  expect(stream.snapshot().answered).toEqual(filter("Dallas"));
});

test("an answer to the filter before the newest edit stays marked", () => {
  const { stream, socket } = opened("b1", "Austin");
  stream.change(filter("Dallas"));
  socket.people(30);
  expect(staleness(stream)).toEqual([30, true, true]);
});

test("after a broken connection the number is marked until it is counted again", () => {
  const { stream, socket } = opened("b1", "Austin");
  socket.people(30);
  socket.onclose({ code: 1006 });
  vi.advanceTimersByTime(1_000);
  FakeSocket.last.open();
  expect(staleness(stream)).toEqual([30, true, true]);
  FakeSocket.last.people(31);
  expect(staleness(stream)).toEqual([31, false, false]);
});

test("the next step begins with the last number: marked for another filter, not at all for another broadcast", () => {
  const { socket, close } = opened("b1", "Austin");
  socket.people(30);
  close();
  expect(staleness(new AudienceStream("b1", filter("Austin")))).toEqual([30, false, false]);
  expect(staleness(new AudienceStream("b1", filter("Dallas")))).toEqual([30, true, true]);
  expect(staleness(new AudienceStream("b2", filter("Austin")))).toEqual([null, true, true]);
});

test("whom each channel reaches comes with the first number, or later when the database counts", () => {
  const { stream, socket } = opened("b3", "Austin");
  const reach = () => [stream.snapshot().smsReachable, stream.snapshot().isReachStale];
  socket.matched(30, 28);
  expect(reach()).toEqual([28, false]);
  stream.change(filter("Dallas"));
  vi.advanceTimersByTime(50);
  socket.matched(20);
  expect(reach()).toEqual([28, true]);
  socket.people(20);
  expect(reach()).toEqual([19, false]);
});

test("counts by value are asked for where they are shown, and dropped when they do not come", () => {
  const { stream, socket } = opened("b4", "Austin", { facets: true });
  expect(socket.sent.at(-1)?.facets).toEqual(["city"]);
  socket.matched(30, 28);
  socket.facets(7);
  socket.people(30);
  expect(stream.snapshot().facets?.[0]?.values).toEqual([{ value: "Austin", contacts: 7 }]);
  stream.change(filter("Dallas"));
  expect([stream.snapshot().facets?.length, stream.snapshot().areFacetsStale]).toEqual([1, true]);
  vi.advanceTimersByTime(50);
  socket.people(20, database);
  expect(stream.snapshot().facets).toBeNull();
});

test("counts by value are those of the fields in sight: asked for when one comes, not when one goes", () => {
  const { stream, socket } = opened("b6", "Austin", { facets: true });
  socket.matched(30, 28);
  socket.facets(7);
  expect(stream.snapshot().countable).toEqual(["city", "state"]);
  stream.look(["state"]);
  vi.advanceTimersByTime(50);
  expect(socket.sent.map(({ facets }) => facets)).toEqual([["city"], ["state", "city"]]);
  expect(staleness(stream)).toEqual([30, false, true]);
  stream.look([]);
  vi.advanceTimersByTime(50);
  expect(socket.sent).toHaveLength(2);
  stream.change(filter("Dallas"));
  vi.advanceTimersByTime(50);
  expect(socket.sent.at(-1)?.facets).toEqual(["city"]);
});

test("where nothing is shown by value nothing is asked by value", () => {
  const { stream, socket } = opened("b7", "Austin");
  stream.look(["state"]);
  vi.advanceTimersByTime(50);
  expect(socket.sent.map(({ facets }) => facets)).toEqual([false]);
});

test("while the database counts, the counts by value are asked for again, not for ever", () => {
  const { socket } = opened("b5", "Austin", { facets: true });
  for (let round = 0; round < 8; round += 1) {
    socket.people(30, database);
    vi.advanceTimersByTime(60_000);
  }
  expect(socket.sent).toHaveLength(6);
});
