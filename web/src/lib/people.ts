/** Which list of people stands behind a number, as the address says it. */
import type { AnyLeftOut, EmailLeftOut, Group, LeftOut } from "@/api/types";
import { emailReasonWords, isEmailLeftOut, isLeftOut, reasonWords } from "./reasons";

export type People =
  | "everyone"
  | "matched"
  | "reachable"
  | "left_out"
  | LeftOut
  | `email.${"reachable" | EmailLeftOut}`
  /** Who is left after the conditions up to this place, or was lost at it. */
  | `step.${number}.${"left" | "lost"}`;

const plain = ["everyone", "matched", "reachable", "left_out"];
const stepped = /^step\.(\d+)\.(left|lost)$/;

export function isPeople(value: unknown): value is People {
  if (typeof value !== "string") return false;
  if (plain.includes(value) || isLeftOut(value) || stepped.test(value)) return true;
  return value.startsWith("email.") && (value === "email.reachable" || isEmailLeftOut(value.slice(6)));
}

/** Of a reason of one channel. */
export const peopleOf = (reason: AnyLeftOut): People => (isLeftOut(reason) ? reason : `email.${reason}`);

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
  channel?: "email";
  reachable?: true;
  left_out?: AnyLeftOut;
}

/** What the server is asked for this list. */
export function askedFor(people: People, filter: Group): Asked {
  const step = stepIn(people);
  if (step !== null) return { filter: filterOfStep(filter, step) };
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
  "email.reachable": "People an email reaches",
};

export function titleOf(people: People): string {
  const step = stepIn(people);
  if (step !== null) return step.which === "left" ? "Still in" : "Not in";
  if (isLeftOut(people)) return reasonWords(people).label;
  const email = people.slice(6);
  return titles[people] ?? (isEmailLeftOut(email) ? emailReasonWords(email).label : "");
}

/** A sentence about why these people are in the list; undefined where the title says it. */
export function explanationOf(people: People): string | undefined {
  if (isLeftOut(people)) return reasonWords(people).explanation;
  const email = people.slice(6);
  return people.startsWith("email.") && isEmailLeftOut(email) ? emailReasonWords(email).explanation : undefined;
}
