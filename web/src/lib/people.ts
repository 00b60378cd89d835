/** Which list of people stands behind a number, as the address says it. */
import type { AnyLeftOut, By, EmailLeftOut, Group, LeftOut, LeftReason } from "@/api/types";
import { emailReasonWords, isEmailLeftOut, isLeftOut, reasonWords } from "./reasons";

export type People =
  | "everyone"
  | "matched"
  | "reachable"
  | "left_out"
  | LeftOut
  | `email.${"reachable" | EmailLeftOut}`
  /** Whom each channel of the broadcast reaches, and whom not. */
  | "by_channel"
  /** Who has left the sequence. */
  | `gone.${LeftReason}`
  /** Whom which of both channels reaches. */
  | `by.${By}`
  /** Whom a channel reaches, and who has nothing in a field that its text needs. */
  | `without.${"sms" | "email"}.${string}`
  /** Who is left after the conditions up to this place, or was lost at it. */
  | `step.${number}.${"left" | "lost"}`;

const plain = ["everyone", "matched", "reachable", "left_out", "by_channel"];
const lacking = /^without\.(sms|email)\.(.{1,500})$/;
const stepped = /^step\.(\d+)\.(left|lost)$/;

export function isPeople(value: unknown): value is People {
  if (typeof value !== "string") return false;
  if (plain.includes(value) || isLeftOut(value) || stepped.test(value)) return true;
  if (value.startsWith("by.")) return isBy(value.slice(3));
  if (lacking.test(value)) return true;
  if (value.startsWith("gone.")) return isLeftReason(value.slice(5));
  return value.startsWith("email.") && (value === "email.reachable" || isEmailLeftOut(value.slice(6)));
}

/** Of a reason of one channel; the same reason may be one of both. */
export const peopleOf = (reason: AnyLeftOut, channel: "sms" | "email" = "sms"): People =>
  channel === "sms" && isLeftOut(reason) ? reason : isEmailLeftOut(reason) ? `email.${reason}` : reason;

const gone: Record<LeftReason, { label: string; title: string; explanation: string }> = {
  replied: { label: "Replied", title: "Left because they replied", explanation: "They answered a message of this broadcast, so they get none of the later steps." },
  opted_out: { label: "Opted out", title: "Left because they opted out", explanation: "They asked for no more messages, so they get none of the later steps." },
  goal: { label: "Got to the goal", title: "Left because they got to the goal", explanation: "They meet the goal of the sequence, so they get none of the later steps." },
};

const isLeftReason = (value: string): value is LeftReason => value in gone;

export const leftReasonWord = (reason: LeftReason): string => gone[reason].label;

/** Null for lists of those who have not left. */
export function goneIn(people: People): LeftReason | null {
  const reason = people.startsWith("gone.") ? people.slice(5) : "";
  return isLeftReason(reason) ? reason : null;
}

const byTitles: Record<By, string> = {
  any: "Reached by either",
  both: "Reached by both",
  only_sms: "Reached only by SMS",
  only_email: "Reached only by email",
};

export const everyBy = Object.keys(byTitles) as By[];

const isBy = (value: string): value is By => value in byTitles;

/** Null for lists that do not look at both channels. */
export function byIn(people: People): By | null {
  const by = people.startsWith("by.") ? people.slice(3) : "";
  return isBy(by) ? by : null;
}

/** The field that these people lack. */
export function lackIn(people: People): { channel: "sms" | "email"; token: string } | null {
  const [, channel, token] = lacking.exec(people) ?? [];
  return token === undefined ? null : { channel: channel === "email" ? "email" : "sms", token };
}

interface StepAt {
  place: number;
  which: "left" | "lost";
}

export function stepIn(people: People): StepAt | null {
  const found = stepped.exec(people);
  return found === null ? null : { place: Number(found[1]), which: found[2] === "lost" ? "lost" : "left" };
}

/** The filter of a step of the waterfall; only a group of which all count is narrowed condition by condition. */
function filterOfStep(filter: Group, { place, which }: StepAt): Group {
  const isOneStep = filter.match !== "all";
  const upTo = isOneStep ? [] : filter.conditions.slice(0, place);
  const here = isOneStep ? filter : filter.conditions[place];
  if (here === undefined) return filter;
  const last: Group | typeof here = which === "left" ? here : { match: "none", conditions: [here] };
  return { match: "all", conditions: [...upTo, last] };
}

export interface Asked {
  filter: Group;
  channel?: "sms" | "email";
  reachable?: true;
  left_out?: AnyLeftOut;
  reached_by?: By;
  without?: string;
}

/** What the server is asked for this list. */
export function askedFor(people: People, filter: Group): Asked {
  const step = stepIn(people);
  if (step !== null) return { filter: filterOfStep(filter, step) };
  const by = byIn(people);
  if (by !== null) return { filter, reached_by: by };
  const lack = lackIn(people);
  if (lack !== null) return { filter, channel: lack.channel, reachable: true, without: lack.token };
  if (people === "everyone") return { filter: { match: "all", conditions: [] } };
  if (people === "reachable") return { filter, reachable: true };
  if (people === "email.reachable") return { filter, channel: "email", reachable: true };
  if (isLeftOut(people)) return { filter, left_out: people };
  const email = people.slice(6);
  return isEmailLeftOut(email) ? { filter, channel: "email", left_out: email } : { filter };
}

const titles: Partial<Record<People, string>> = {
  everyone: "All contacts",
  matched: "Matched contacts",
  reachable: "People who get an SMS",
  left_out: "Left out",
  by_channel: "Whom each channel reaches",
  "email.reachable": "People an email reaches",
};

export function titleOf(people: People): string {
  const step = stepIn(people);
  if (step !== null) return step.which === "left" ? "Still in" : "Not in";
  if (isLeftOut(people)) return reasonWords(people).label;
  const left = goneIn(people);
  if (left !== null) return gone[left].title;
  const by = byIn(people);
  if (by !== null) return byTitles[by];
  const lack = lackIn(people);
  if (lack !== null) return `Without ${lack.token}`;
  const email = people.slice(6);
  return titles[people] ?? (isEmailLeftOut(email) ? emailReasonWords(email).label : "");
}

/** A sentence about why these people are in the list; undefined where the title says it. */
export function explanationOf(people: People): string | undefined {
  if (isLeftOut(people)) return reasonWords(people).explanation;
  const left = goneIn(people);
  if (left !== null) return gone[left].explanation;
  const lack = lackIn(people);
  if (lack !== null) return `They get the ${lack.channel === "sms" ? "SMS" : "email"}, and it needs a field in which they have nothing.`;
  const email = people.slice(6);
  return people.startsWith("email.") && isEmailLeftOut(email) ? emailReasonWords(email).explanation : undefined;
}
