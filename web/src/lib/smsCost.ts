/** What the characters of an SMS cost, in words. */
import type { Dearer, ForcingCharacter } from "@/api/types";
import { about, count, countOf, money } from "./format";

const numbers = ["no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten"];

export const numberWord = (value: number): string => numbers[value] ?? count(value);

const segments = (value: number): string => `${numberWord(value)} ${value === 1 ? "segment" : "segments"}`;

/** "make 11,204 messages cost two segments instead of one: +$92.30" */
export function dearerSaid({ changes, recipients, segments: more, cost }: Dearer, characters: number, isExact: boolean): string {
  const verb = characters === 1 ? "makes" : "make";
  const messages = about(countOf(recipients, "message"), isExact);
  const [only, ...others] = changes;
  const what =
    only !== undefined && others.length === 0
      ? `cost ${segments(only.segments)} instead of ${numberWord(only.would_take)}`
      : `cost ${about(countOf(more, "segment"), isExact)} more`;
  return `${verb} ${messages} ${what}: +${money(cost)}`;
}

/** "9,120 one segment · 311 two" */
export function sharesSaid(shares: { segments: number; recipients: number }[]): { segments: number; said: string }[] {
  return shares.map(({ segments: each, recipients }, place) => ({
    segments: each,
    said: `${count(recipients)} ${place === 0 ? segments(each) : numberWord(each)}`,
  }));
}

/** A character by what is seen of it, else by its name. */
export const characterSaid = ({ character, name }: Pick<ForcingCharacter, "character" | "name">): string =>
  /^[\p{Z}\p{C}\p{M}]+$/u.test(character) ? name : character;
