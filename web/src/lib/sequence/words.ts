/** A step of a sequence in words: what it is called, how it reaches people, when, and who gets it. */
import type { ChannelMessages, Deed, Step, StepCondition } from "@/api/types";
import { broadcastTypeWord, count, countOf } from "../format";
import type { When } from "./days";

export const titleOf = ({ name, position }: Pick<Step, "name" | "position">): string => (name === "" ? `Step ${position}` : name);

/** With its number where it has a name. */
export const fullTitleOf = (step: Pick<Step, "name" | "position">): string => (step.name === "" ? titleOf(step) : `Step ${step.position}, ${step.name}`);

const channelWords = { sms: "SMS", email: "email" } as const;

export const channelInside = (channel: "sms" | "email"): string => channelWords[channel];

type Reaching = Pick<Step, "channel" | "both_how" | "first_channel" | "second_after_hours">;

/** "Email first, then SMS after 24 hours without an answer" */
export function howSaid({ channel, both_how: how, first_channel: first, second_after_hours: hours }: Reaching): string {
  if (channel !== "sms_email") return broadcastTypeWord(channel);
  const second = first === "email" ? "sms" : "email";
  const begun = first === "email" ? "Email" : "SMS";
  if (how === "both") return "SMS and email, both at once";
  if (how === "preferred") return `SMS or email, as each person prefers; else ${channelWords[first]}`;
  return `${begun} first, ${channelWords[second]} if that fails or gets no reaction in ${countOf(hours, "hour")}`;
}

/** "Fri 27 Nov" of a date without a time, with the year when it is not that of `now` */
export function dayWord(date: string, now: Date = new Date()): string {
  const part = (options: Intl.DateTimeFormatOptions) => new Intl.DateTimeFormat("en-GB", { ...options, timeZone: "UTC" }).format(new Date(`${date}T00:00:00Z`));
  const year = date.startsWith(String(now.getUTCFullYear())) ? "" : ` ${date.slice(0, 4)}`;
  return `${part({ weekday: "short" })} ${part({ day: "numeric" })} ${part({ month: "short" }).slice(0, 3)}${year}`;
}

/** "9:00" of "09:00" */
export const hourWord = (time: string): string => time.replace(/^0/, "");

/** "Fri 27 Nov 9:00", "Day 3 9:00", "At once", "No time yet" */
export function whenSaid({ day, date, time }: When, isNow: boolean, now: Date = new Date()): string {
  if (isNow) return "At once";
  if (time === null || (date === null && day === null)) return "No time yet";
  return `${date === null ? `Day ${day}` : dayWord(date, now)} ${hourWord(time)}`;
}

const weekdayWords = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"];
export const weekdayNames = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];

/** "Mon to Fri", "Sat and Sun"; null for any day. */
export function weekdaysSaid(days: number[]): string | null {
  const sorted = days.toSorted((one, other) => one - other);
  const word = (day: number | undefined) => weekdayWords[(day ?? 1) - 1] ?? "";
  if (sorted.length === 0 || sorted.length === 7) return null;
  const isRun = sorted.every((day, index) => index === 0 || day === (sorted[index - 1] ?? 0) + 1);
  if (isRun && sorted.length > 2) return `${word(sorted[0])} to ${word(sorted.at(-1))}`;
  const last = word(sorted.at(-1));
  return sorted.length === 1 ? last : `${sorted.slice(0, -1).map(word).join(", ")} and ${last}`;
}

/** "only 9:00 to 17:00, Mon to Fri"; null where any time will do. */
export function windowSaid({ window_from: from, window_until: until, weekdays }: Pick<Step, "window_from" | "window_until" | "weekdays">): string | null {
  const days = weekdaysSaid(weekdays);
  const hours = from === null || until === null ? null : `${hourWord(from)} to ${hourWord(until)}`;
  const said = [hours, days].filter((each) => each !== null);
  return said.length === 0 ? null : `only ${said.join(", ")}`;
}

const deedWords: Record<Deed["did"], [string, string]> = {
  replied: ["replied to", "not replied to"],
  clicked: ["clicked in", "not clicked in"],
  opened: ["opened", "not opened"],
  delivered: ["got", "not got"],
};

export const deeds = Object.keys(deedWords) as Deed["did"][];

/** "clicked in the step before", "not opened any step before" */
export const deedSaid = ({ did, negated, of }: Deed): string =>
  `${deedWords[did][negated ? 1 : 0]} ${of === "previous" ? "the step before" : "any step before"}`;

/** "Only who has clicked in the step before and still matches the audience"; null: everybody who is still in the sequence. */
export function conditionSaid(condition: StepCondition | null): string | null {
  if (condition === null) return null;
  const said = [
    ...(condition.only_if.length === 0 ? [] : [`has ${condition.only_if.map(deedSaid).join(" and has ")}`]),
    ...(condition.still_matches ? ["still matches the audience"] : []),
  ];
  return said.length === 0 ? null : `Only who ${said.join(" and ")}`;
}

/** "12,408 SMS and 9,200 emails" */
export function messagesSaid(messages: ChannelMessages[]): string {
  const said = messages.filter((each) => each.messages > 0).map((each) => (each.channel === "sms" ? `${count(each.messages)} SMS` : countOf(each.messages, "email")));
  if (said.length > 0) return said.join(" and ");
  const [only] = messages;
  return only?.channel === "email" ? "0 emails" : "0 SMS";
}
