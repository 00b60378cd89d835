/** What happened to one message, in the order in which it happened, in words. */
import type { Attempt, MessageEvent, MessageStory } from "@/api/types";

export interface Happening {
  /** Stays the same while the story grows. */
  key: string;
  at: string;
  words: string;
  tone: "good" | "bad" | "care" | "wait";
  /** What the provider said and called it, for whoever asks it. */
  details: string[];
}

const names: Record<string, string> = { twilio: "Twilio", sendgrid: "SendGrid", sandbox: "the sandbox" };

export const providerWord = (name: string | null): string => (name === null ? "the provider" : (names[name] ?? name));

const withCode = (error: { words: string; code: string } | null, otherwise: string): string => {
  if (error === null) return otherwise;
  const words = error.words.replace(/\.$/, "");
  return `${words.charAt(0).toLowerCase()}${words.slice(1)}${error.code === "" || error.code === "uncertain" ? "" : ` (${error.code})`}`;
};

const detailsOf = (attempt: Attempt): string[] => [
  ...(attempt.detail === null || attempt.detail === "" ? [] : [attempt.detail]),
  ...(attempt.provider_id === null ? [] : [`${providerWord(attempt.provider)} calls it ${attempt.provider_id}`]),
  ...(attempt.price === null ? [] : [`Price reported: ${attempt.price} ${attempt.currency ?? ""}`.trim()]),
];

const refusals = ["failed", "cancelled"];

/** The hand-over itself, and how it ended where no report tells that. */
function ofAttempt(attempt: Attempt, events: MessageEvent[]): Happening[] {
  const { attempt: number, began_at: began, sent_at: sent, failed_at: failed, status } = attempt;
  const to = providerWord(attempt.provider);
  const start = began ?? sent ?? failed;
  if (start === null) return [];
  const wasTaken = sent !== null || attempt.provider_id !== null;
  const again = number > 1 ? "Tried again: " : "";
  const verb = wasTaken ? "handed to" : "given to";
  const handed = again === "" ? `${verb.charAt(0).toUpperCase()}${verb.slice(1)} ${to}` : `${again}${verb} ${to}`;
  // The answer of the provider may be slower than its first report.
  const reported = events.filter((event) => event.kind === "status" && event.attempt === number).map(({ at }) => at);
  const taken = [sent ?? start, ...reported].sort((one, other) => Date.parse(one) - Date.parse(other))[0] ?? start;
  const found: Happening[] = [{ key: `${number} handed`, at: wasTaken ? taken : start, words: handed, tone: "wait", details: detailsOf(attempt) }];
  const isReported = events.some((event) => event.kind === "status" && refusals.includes(event.status ?? "") && (event.attempt ?? number) === number);
  if (status === "uncertain" || status === "unknown") {
    const words = status === "uncertain" ? "The answer was lost. Clarion asks the provider before anything else" : "The answer was lost and could not be found out";
    found.push({ key: `${number} lost`, at: start, words, tone: "care", details: [] });
  } else if (attempt.error !== null && !isReported) {
    const words = wasTaken ? "Not delivered" : "Not accepted";
    found.push({ key: `${number} failed`, at: failed ?? start, words: `${words}: ${withCode(attempt.error, "")}`, tone: "bad", details: [] });
  }
  return found;
}

const told: Partial<Record<string, Pick<Happening, "words" | "tone">>> = {
  sent: { words: "On the way", tone: "care" },
  delivered: { words: "Delivered", tone: "good" },
};

function ofEvent(event: MessageEvent, index: number): Happening | null {
  const base = { key: `event ${index}`, at: event.at, details: [] };
  if (event.kind === "opt_out") return { ...base, words: `Opted out${quoted(event.text)}`, tone: "care" };
  if (event.kind === "opt_in") return { ...base, words: `Asked for messages again${quoted(event.text)}`, tone: "good" };
  if (event.kind === "inbound") return { ...base, words: `Answered${quoted(event.text)}`, tone: "wait" };
  const { status } = event;
  const late = event.outcome === "superseded" ? ", about an earlier attempt" : "";
  if (status === "failed") return { ...base, words: `Not delivered${late}: ${withCode(event.error, "no reason was given")}`, tone: "bad" };
  if (status === "cancelled") return { ...base, words: `Stopped by ${providerWord(event.provider)}${late}`, tone: "bad" };
  const known = told[status ?? ""];
  // That the provider has it is said by the hand-over.
  return known === undefined ? null : { ...base, ...known, words: known.words + late };
}

const quoted = (text: string | null) => (text === null || text.trim() === "" ? "" : `: “${text.trim()}”`);

/** Providers repeat themselves: what says the same of the same attempt is told once. */
function once(events: MessageEvent[]): MessageEvent[] {
  const seen = new Set<string>();
  return events.filter((event) => {
    if (event.kind !== "status") return true;
    const key = `${event.attempt ?? ""} ${event.provider_id ?? ""} ${event.status ?? ""}`;
    const isNew = !seen.has(key);
    seen.add(key);
    return isNew;
  });
}

export function happenings({ message, attempts, events }: MessageStory): Happening[] {
  const reports = once(events);
  const found = [
    ...attempts.flatMap((attempt) => ofAttempt(attempt, reports)),
    ...reports.flatMap((event, index) => ofEvent(event, index) ?? []),
  ];
  // The order of the list decides between two of the same moment; sorting keeps it.
  const sorted = found.sort((one, other) => Date.parse(one.at) - Date.parse(other.at));
  const { status, delivered_at: delivered, updated_at: updated } = message;
  const isTold = sorted.some(({ words }) => words === "Delivered");
  if (status === "delivered" && !isTold) {
    sorted.push({ key: "delivered", at: delivered ?? updated, words: "Delivered", tone: "good", details: [] });
  }
  const ends: Partial<Record<typeof status, Pick<Happening, "words" | "tone">>> = {
    skipped: { words: message.skip_reason === null ? "Skipped" : `Skipped: ${withCode({ words: message.skip_reason, code: "" }, "")}`, tone: "wait" },
    cancelled: { words: "Cancelled before it left", tone: "wait" },
    no_receipt: { words: "Closed: the carrier never confirmed that it arrived", tone: "wait" },
  };
  const end = ends[status];
  return end === undefined ? sorted : [...sorted, { ...end, key: "end", at: updated, details: [] }];
}
