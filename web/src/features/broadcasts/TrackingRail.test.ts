import { expect, test } from "vitest";
import type { Tracking } from "@/api/types";
import { trackingLine, trackingShort } from "./TrackingRail";

const DAY_MS = 86_400_000;
const inDays = (days: number) => new Date(Date.now() + days * DAY_MS).toISOString();

const tracking = {
  status: "scheduled", recipients: 12_408, delivered: 0, failed: 0, pending: 12_408, on_the_way: 0,
  starts_at: inDays(2), done_at: null, completed_at: null,
} as unknown as Tracking;

test("a scheduled broadcast says the day on which it starts", () => {
  expect(trackingLine(tracking)).toMatch(/ · starts [A-Z][a-z]{2} \d+ [A-Z][a-z]{2}( \d{4})? \d+:\d\d$/);
  expect(trackingShort(tracking)).toMatch(/^12,408 SMS · starts [A-Z][a-z]{2} \d+ /);
});

test("one that ends on another day says which", () => {
  expect(trackingLine({ ...tracking, status: "sending", done_at: inDays(1) })).toMatch(/ · done by [A-Z][a-z]{2} \d+:\d\d$/);
});
