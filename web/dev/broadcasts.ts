/** Made-up broadcasts for looking at the app without a server: drafts, and a launch that plays itself. */
import { estimate, matching, valueOf, type Contact, type Group } from "./contacts.ts";
import { newStep } from "./steps.ts";

export interface Message {
  id: string;
  contact_id: string;
  name: string;
  address: string;
  status: string;
  body: string | null;
  segments: number | null;
  error: { code: string; words: string; advice: string } | null;
  skip_reason: string | null;
  provider: string | null;
  provider_id: string | null;
  attempts: number;
  sent_at: string | null;
  delivered_at: string | null;
  failed_at: string | null;
  updated_at: string;
}

export interface Broadcast {
  id: string;
  name: string;
  broadcast_type: string;
  status: string;
  filter: Group;
  version: number;
  steps: Record<string, unknown>[];
  recipients: unknown;
  problem: string | null;
  late_policy: string;
  max_per_minute: number | null;
  stop_at_failure_rate: number | null;
  track_opens: boolean;
  track_clicks: boolean;
  leave_on_reply: boolean;
  goal: Group | null;
  paused_by: string | null;
  audience_mode: string;
  created_by: string;
  created_at: string;
  updated_at: string;
  launched_at: string | null;
  completed_at: string | null;
}

export const broadcasts = new Map<string, Broadcast>();
export const messages = new Map<string, Message[]>();
export const people = new Map<string, Contact[]>();

const failure = {
  code: "30003",
  words: "The phone was switched off or out of reach.",
  advice: "Try these people again tomorrow; if it repeats, the number may be out of use.",
};

const now = () => new Date().toISOString();
let made = 0;

export function create(name: string): Broadcast {
  made += 1;
  const broadcast: Broadcast = {
    id: `b${made}`,
    name: name || "Untitled broadcast",
    broadcast_type: "sms",
    status: "draft",
    filter: { match: "all", conditions: [] },
    version: 1,
    steps: [
      newStep(`s${made}`, 1),
    ],
    recipients: { state: "none", saved: 0, expected: null },
    problem: null,
    late_policy: "catch_up",
    max_per_minute: null,
    stop_at_failure_rate: 0.25,
    track_opens: true,
    track_clicks: true,
    leave_on_reply: true,
    goal: null,
    paused_by: null,
    audience_mode: "saved_when_scheduled",
    created_by: "Ada",
    created_at: now(),
    updated_at: now(),
    launched_at: null,
    completed_at: null,
  };
  broadcasts.set(broadcast.id, broadcast);
  return broadcast;
}

const step = (broadcast: Broadcast) => broadcast.steps[0] ?? {};
const token = /\{\{\s*([\w.]+)\s*(?:\|\s*default:\s*["']([^"']*)["']\s*)?\}\}/g;

export function render(body: string, person: Contact) {
  const missing: string[] = [];
  const text = body.replaceAll(token, (_, path: string, fallback: string | undefined) => {
    const value = valueOf(person, path);
    if (value === null || value === undefined || value === "") {
      if (fallback === undefined) missing.push(path);
      return fallback ?? "";
    }
    return String(value);
  });
  const forcing = [...new Set([...text].filter((character) => /[^\n\r -~éñüäöàèùÉÑÜÄÖ£€¥§¡¿]/.test(character)))];
  const isWide = forcing.length > 0;
  const [single, many] = isWide ? [70, 67] : [160, 153];
  const segments = text.length <= single ? 1 : Math.ceil(text.length / many);
  return {
    contact_id: person.id,
    name: [person.first_name, person.last_name].filter(Boolean).join(" "),
    address: person.phone_number ?? "",
    text,
    characters: text.length,
    encoding: isWide ? "UCS-2" : "GSM-7",
    segments,
    left_in_segment: (segments === 1 ? single : segments * many) - text.length,
    forcing,
    missing,
  };
}

export function outlook(broadcast: Broadcast) {
  const matched = matching(broadcast.filter);
  const { sms } = estimate(matched);
  const reachable = matched.filter((person) => person.left_out === null);
  const body = String(step(broadcast)["body"] ?? "");
  const sample = reachable.slice(0, 500).map((person) => render(body, person));
  const scale = sample.length === 0 ? 0 : reachable.length / sample.length;
  const shares = [...new Set(sample.map(({ segments }) => segments))].sort().map((segments) => ({
    segments,
    recipients: Math.round(sample.filter((each) => each.segments === segments).length * scale),
  }));
  const segments = body === "" ? 0 : shares.reduce((sum, each) => sum + each.segments * each.recipients, 0);
  const missing = sample.flatMap((each) => each.missing);
  const starts = step(broadcast)["scheduled_at"] ?? now();
  return {
    type: "outlook",
    version: broadcast.version,
    matched: matched.length,
    will_send: reachable.length,
    left_out: sms.left_out,
    channels: [{ channel: "sms", reachable: reachable.length, left_out: sms.left_out }],
    messages: [{ channel: "sms", messages: reachable.length * broadcast.steps.length }],
    steps: broadcast.steps.map(({ id, position, channel }) => ({
      step_id: id, position, channel, people: reachable.length, messages: [{ channel: "sms", messages: reachable.length }], segments, shares, encoding: null,
      cost: { amount: "0", currency: "USD" }, missing_tokens: [], due_for: null, starts_at: starts, done_at: starts, hours_note: null,
    })),
    hours_note: null,
    note: null,
    audience_mode: broadcast.audience_mode,
    segments,
    shares: body === "" ? [] : shares,
    encoding: sample[0]?.encoding ?? null,
    cost: { amount: (segments * 0.0079).toFixed(4), currency: "USD" },
    exact: reachable.length <= 500,
    measured: sample.length,
    missing_tokens: [...new Set(missing)].map((path) => ({
      token: path,
      recipients: Math.round(missing.filter((each) => each === path).length * scale),
    })),
    starts_at: starts,
    done_at: new Date(Date.parse(String(starts)) + reachable.length * 10).toISOString(),
    problems: [
      ...(body.trim() === "" ? [{ step: "compose", pointer: "/body", detail: "Write a message.", of_step: null }] : []),
      ...(reachable.length === 0 ? [{ step: "audience", pointer: "/filter", detail: "Nobody would get this SMS.", of_step: null }] : []),
      ...(step(broadcast)["send_mode"] === "later" && step(broadcast)["scheduled_for"] === null
        ? [{ step: "schedule", pointer: "/scheduled_for", detail: "Choose a date and time.", of_step: null }]
        : []),
    ],
  };
}

export function launch(broadcast: Broadcast) {
  const matched = matching(broadcast.filter);
  people.set(broadcast.id, matched);
  const isLater = step(broadcast)["send_mode"] === "later";
  broadcast.status = isLater ? "scheduled" : "sending";
  broadcast.launched_at = now();
  broadcast.version += 1;
  const reachable = matched.filter((person) => person.left_out === null);
  messages.set(
    broadcast.id,
    reachable.map((person, index) => ({
      ...blank, id: `m${index}`, contact_id: person.id, address: person.phone_number ?? "",
      name: [person.first_name, person.last_name].filter(Boolean).join(" "), updated_at: now(),
    })),
  );
}

const blank: Omit<Message, "id" | "contact_id" | "name" | "address" | "updated_at"> = {
  status: "pending", body: null, segments: null, error: null, skip_reason: null, provider: null, provider_id: null,
  attempts: 0, sent_at: null, delivered_at: null, failed_at: null,
};

/** Sends some more and delivers what was sent before. */
export function advance(broadcast: Broadcast, some: number) {
  const all = messages.get(broadcast.id) ?? [];
  for (const message of all.filter(({ status }) => status === "sent")) {
    const isFailed = Number(message.contact_id.slice(1)) % 37 === 0;
    Object.assign(message, isFailed ? { status: "failed", error: failure, failed_at: now() } : { status: "delivered", delivered_at: now() });
    message.updated_at = now();
  }
  for (const message of all.filter(({ status }) => status === "pending").slice(0, some)) {
    Object.assign(message, { status: "sent", segments: 1, provider: "sandbox", provider_id: `SM${message.id}`, sent_at: now(), updated_at: now() });
  }
  if (all.every(({ status }) => status !== "pending" && status !== "sent")) {
    broadcast.status = "completed";
    broadcast.completed_at = now();
  }
}

export function tracking(broadcast: Broadcast) {
  const all = messages.get(broadcast.id) ?? [];
  const of = (status: string) => all.filter((message) => message.status === status).length;
  const failed = of("failed");
  const sent = all.filter(({ segments }) => segments !== null).length;
  return {
    type: "tracking", status: broadcast.status, recipients: all.length, delivered: of("delivered"), failed, pending: of("pending"),
    on_the_way: of("sent"), uncertain: 0, skipped: of("skipped"), cancelled: of("cancelled"),
    left_out: estimate(people.get(broadcast.id) ?? []).sms.left_out, channels: [], left: [], steps: [], retrying: 0, to_retry: 0, no_receipt: 0, unknown: 0,
    paused_by: null, waits_until: null, waiting_note: null, saving: { state: "saved", saved: all.length, expected: all.length },
    segments: sent, cost: { amount: (sent * 0.0079).toFixed(4), currency: "USD" },
    errors: failed > 0 ? [{ ...failure, messages: failed }] : [],
    rate_per_second: broadcast.status === "sending" ? 96.4 : 0,
    starts_at: step(broadcast)["scheduled_at"] ?? broadcast.launched_at,
    done_at: broadcast.status === "sending" ? new Date(Date.now() + of("pending") * 10).toISOString() : null,
    launched_at: broadcast.launched_at, completed_at: broadcast.completed_at, counted_at: now(),
  };
}
