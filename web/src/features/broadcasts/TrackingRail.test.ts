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
