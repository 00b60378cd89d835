import { expect, test } from "vitest";
import { aBroadcast } from "@/testDraft";
import type { Outlook } from "@/api/types";
import { consequence, warning } from "./launch";

const [step] = aBroadcast.steps;
if (step === undefined) throw new Error("a broadcast has a step");
const sms = { channel: "sms" as const, reachable: 12_408, left_out: [] };
const email = { channel: "email" as const, reachable: 9_200, left_out: [] };
const ahead = (people: number, steps: number, ...channels: Outlook["channels"]) =>
  ({ will_send: people, channels, steps: Array.from({ length: steps }) }) as unknown as Outlook;

test("one SMS, one email and one of both are named by what leaves", () => {
  const now = { steps: [{ ...step, send_mode: "now" as const }] };
  expect(consequence(now, ahead(12_408, 1, sms))).toBe("Send 12,408 SMS now");
  expect(consequence({ steps: [step] }, ahead(12_408, 1, sms))).toBe("Schedule 12,408 SMS for Wed 25 Nov 9:00");
  expect(consequence({ steps: [{ ...step, channel: "email" as const }] }, ahead(1, 1, email))).toBe("Schedule 1 email for Wed 25 Nov 9:00");
  expect(consequence({ steps: [{ ...step, send_mode: "now" as const, channel: "sms_email" as const }] }, ahead(13_000, 1, sms, email))).toBe("Send SMS and email to 13,000 people now");
});

test("a time on each person's clock is named as it stands there", () => {
  const theirs = { ...step, zone_mode: "recipient" as const, scheduled_at: "2026-11-24T19:00:00Z" };
  expect(consequence({ steps: [theirs] }, ahead(12_408, 1, sms))).toBe("Schedule 12,408 SMS for Wed 25 Nov 9:00 on each clock");
});

test("a sequence is named by its steps and the people it goes to", () => {
  const three = [step, { ...step, id: "s2" }, { ...step, id: "s3" }];
  expect(consequence({ steps: three }, ahead(12_408, 3, sms))).toBe("Schedule 3 steps to 12,408 people");
  expect(consequence({ steps: [{ ...step, send_mode: "now" as const }, ...three.slice(1)] }, ahead(1, 3, sms))).toBe("Start 3 steps to 1 person now");
});

test("what leaves at once is said before a large number is confirmed", () => {
  expect(warning({ steps: [step] }, ahead(12_408, 1, sms), 12_408)).toMatch(/^12,408 people get this SMS as soon/);
  expect(warning({ steps: [{ ...step, channel: "email" }] }, ahead(12_408, 1, email), 9_200)).toMatch(/^9,200 people get this email as soon/);
  expect(warning({ steps: [step, step] }, ahead(12_408, 2, sms), 12_408)).toMatch(/get the first step as soon/);
});
