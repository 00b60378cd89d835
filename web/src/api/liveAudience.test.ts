import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { AudienceStream } from "./liveAudience";
import type { Contact, Group } from "./types";

class FakeSocket {
  static readonly OPEN = 1;
  static last: FakeSocket;
  readyState = 0;
  onopen: () => void = () => undefined;
  onmessage: (event: { data: string }) => void = () => undefined;
  onclose: (event: { code: number }) => void = () => undefined;
  sent: { id: number; filter: Group }[] = [];
  constructor() {
    FakeSocket.last = this;
  }
  send(text: string) {
    this.sent.push(JSON.parse(text) as { id: number; filter: Group });
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
  matched(matched: number) {
    this.answer({ type: "matched", matched, total: 100, took_ms: 1 });
  }
  people(matched: number) {
    const contacts: Partial<Contact>[] = [{ id: "1" }];
    this.answer({ type: "audience", estimate: { matched, total: 100 }, contacts, next: null });
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

function opened(broadcast: string, value: string) {
  const stream = new AudienceStream(broadcast, filter(value));
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
