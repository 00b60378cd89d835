import { expect, it } from "vitest";
import type { StepTest } from "@/api/types";
import { agoWords, saidOf } from "./stepTests";

const now = Date.parse("2026-11-24T12:00:00Z");
const ago = (seconds: number) => agoWords(new Date(now - seconds * 1000).toISOString(), now);

it.each([
  [-5, "just now"],
  [1, "just now"],
  [3, "3 s ago"],
  [60, "1 min ago"],
  [3_599, "59 min ago"],
  [7_200, "2 h ago"],
  [86_400, "1 day ago"],
  [200_000, "2 days ago"],
])("says how long %d seconds are", (seconds, words) => expect(ago(seconds)).toBe(words));

const aTest = (over: Partial<StepTest>): StepTest => ({
  id: "t1", channel: "email", address: "ana@a.example", contact_id: null, status: "queued", words: null, error_code: null,
  created_at: "2026-11-24T11:59:00Z", sent_at: null, delivered_at: null, failed_at: null, ...over,
});

it.each<[Partial<StepTest>, string, string | null]>([
  [{}, "Waiting to leave for ana@a.example", null],
  [{ status: "sending" }, "Sending to ana@a.example", null],
  [{ status: "sent", sent_at: "s" }, "Sent to ana@a.example", "s"],
  [{ status: "sent", sent_at: "s", delivered_at: "d" }, "Delivered to ana@a.example", "d"],
  [{ status: "failed", words: "No such number.", failed_at: "f" }, "Failed: No such number.", "f"],
  [{ status: "unknown", words: "It may have arrived." }, "Not known whether ana@a.example got it: It may have arrived.", "2026-11-24T11:59:00Z"],
])("says what became of a test %#", (over, words, at) => expect(saidOf(aTest(over))).toMatchObject({ words, at }));
