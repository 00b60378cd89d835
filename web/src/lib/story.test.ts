import { expect, test } from "vitest";
import type { Attempt, MessageEvent, MessageStory } from "@/api/types";
import { happenings } from "./story";

const at = (clock: string) => `2026-11-23T${clock}Z`;
const unreachable = { code: "30003", words: "Handset could not be reached.", advice: "" };

const attempt = (over: Partial<Attempt>): Attempt => ({
  attempt: 1, status: "sent", provider: "twilio", provider_id: "SM1", error: null, detail: null, segments: 1, price: null, currency: null,
  began_at: at("09:02:10"), sent_at: at("09:02:11"), failed_at: null, ...over,
});
const event = (over: Partial<MessageEvent>): MessageEvent => ({
  kind: "status", status: "sent", attempt: 1, provider: "twilio", provider_id: "SM1", error: null, text: null, at: at("09:02:13"),
  received_at: at("09:02:13"), outcome: "applied", ...over,
});
const message = {
  id: "m1", contact_id: "7", name: "Ann", address: "+1", status: "sent", body: "Hi", segments: 1, subject: null, step_id: "s1", channel: "sms", opened_at: null, clicked_at: null, replied_at: null, error: null, skip_reason: null, provider: "twilio",
  provider_id: "SM1", attempts: 1, retries: 0, next_try_at: null, sent_at: null, delivered_at: null, failed_at: null, updated_at: at("10:00:00"),
} satisfies MessageStory["message"];

const told = (attempts: Attempt[], events: MessageEvent[] = [], over: Partial<MessageStory["message"]> = {}) =>
  happenings({ message: { ...message, ...over }, attempts, events }).map((each) => `${each.at.slice(11, 19)} ${each.words}`);

test("tells hand-over, way, failure and the next attempt in the order in which they happened", () => {
  const second = attempt({ attempt: 2, provider_id: "SM2", began_at: at("11:07:39"), sent_at: at("11:07:40") });
  const first = attempt({ status: "failed", error: unreachable, failed_at: at("09:07:41") });
  const events = [event({}), event({ status: "failed", error: unreachable, at: at("09:07:40") }), event({ attempt: 2, provider_id: "SM2", status: "delivered", at: at("11:07:44") })];
  expect(told([first, second], events, { status: "delivered", delivered_at: at("11:07:44") })).toEqual([
    "09:02:11 Handed to Twilio",
    "09:02:13 On the way",
    "09:07:40 Not delivered: handset could not be reached (30003)",
    "11:07:40 Tried again: handed to Twilio",
    "11:07:44 Delivered",
  ]);
});

test("what a provider repeats is told once, and what it queues is not told", () => {
  expect(told([attempt({})], [event({ status: "queued" }), event({}), event({ outcome: "no_change", at: at("09:05:00") })])).toEqual([
    "09:02:11 Handed to Twilio",
    "09:02:13 On the way",
  ]);
});

test("a report that is quicker than the answer to the send does not come before the hand-over", () => {
  expect(told([attempt({ sent_at: at("09:02:20") })], [event({})])).toEqual(["09:02:13 Handed to Twilio", "09:02:13 On the way"]);
});

test("refused at once, it was given to the provider and not accepted", () => {
  const refused = attempt({ status: "failed", provider_id: null, sent_at: null, failed_at: at("09:02:12"), error: { code: "21610", words: "The person has opted out.", advice: "" } });
  expect(told([refused], [], { status: "failed" })).toEqual(["09:02:10 Given to Twilio", "09:02:12 Not accepted: the person has opted out (21610)"]);
});

test("a lost answer is said, and that the provider is asked", () => {
  const lost = attempt({ status: "uncertain", provider_id: null, sent_at: null, error: { code: "uncertain", words: "Lost.", advice: "" } });
  expect(told([lost], [], { status: "uncertain" })).toEqual(["09:02:10 Given to Twilio", "09:02:10 The answer was lost. Clarion asks the provider before anything else"]);
});

test("what Clarion found out or ended without a report is told, too", () => {
  expect(told([attempt({})], [], { status: "delivered", delivered_at: at("09:30:00") }).at(-1)).toBe("09:30:00 Delivered");
  expect(told([attempt({})], [], { status: "no_receipt" }).at(-1)).toBe("10:00:00 Closed: the carrier never confirmed that it arrived");
  expect(told([], [], { status: "skipped", skip_reason: "The person has opted out." })).toEqual(["10:00:00 Skipped: the person has opted out"]);
});

test("what the person wrote back is part of it", () => {
  const stop = event({ kind: "opt_out", status: null, attempt: null, text: "STOP", at: at("09:10:00") });
  expect(told([attempt({})], [stop])).toEqual(["09:02:11 Handed to Twilio", "09:10:00 Opted out: “STOP”"]);
});
