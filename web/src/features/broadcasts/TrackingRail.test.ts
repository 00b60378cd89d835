import { expect, test } from "vitest";
import type { Tracking } from "@/api/types";
import { aTracking } from "@/testDraft";
import { trackingLine, trackingShort } from "./TrackingRail";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

const tracking: Tracking = { ...aTracking, recipients: 12_408, pending: 12_408, starts_at: inDays(2) };

test("a scheduled broadcast says the day on which it starts", () => {
  expect(trackingLine(tracking)).toMatch(/ · starts [A-Z][a-z]{2} \d+ [A-Z][a-z]{2}( \d{4})? \d+:\d\d$/);
  expect(trackingShort(tracking)).toMatch(/^12,408 SMS · starts [A-Z][a-z]{2} \d+ /);
});

test("one that ends on another day says which", () => {
  expect(trackingLine({ ...tracking, status: "sending", done_at: inDays(1) })).toMatch(/ · done by [A-Z][a-z]{2} \d+:\d\d$/);
});

test("one that waits says until when, in the line and in the foot of a phone", () => {
  const waiting = { ...tracking, status: "sending" as const, delivered: 10, waits_until: inDays(1) };
  expect(trackingLine(waiting)).toMatch(/ · waits until [A-Z][a-z]{2} \d+:\d\d$/);
  expect(trackingShort(waiting)).toMatch(/^10 of 12,408 · waits until [A-Z][a-z]{2} \d+:\d\d$/);
  expect(trackingLine({ ...waiting, status: "paused" })).not.toMatch(/waits/);
});

test("one that is paused says so in the foot of a phone", () => {
  expect(trackingShort({ ...tracking, status: "paused", delivered: 10, failed: 3 })).toBe("Paused · 10 of 12,408 delivered");
});

test("one of which only further tries are left names the end of the last one", () => {
  const left = { ...tracking, status: "sending" as const, pending: 12, retrying: 12, done_at: inDays(0) };
  expect(trackingLine(left)).toMatch(/ · done by /);
});
