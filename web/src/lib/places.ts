/** Where words stand in a text: the server counts characters, the browser units of UTF-16. */
import type { TextPlace } from "@/api/types";

export function placeInText(text: string, { start, end }: TextPlace): [number, number] {
  const characters = Array.from(text);
  const from = characters.slice(0, start).join("").length;
  return [from, from + characters.slice(start, end).join("").length];
}

export interface Run {
  text: string;
  isMarked: boolean;
}

const LIQUID = /\{\{[\s\S]*?(?:\}\}|$)|\{%[\s\S]*?(?:%\}|$)/g;

/** The text cut where one of these characters stands; what stands in braces is left as it is. */
export function runsOf(text: string, characters: string[]): Run[] {
  const wanted = new Set(characters);
  const runs: Run[] = [];
  const put = (piece: string, isMarked: boolean) => {
    const last = runs.at(-1);
    if (last?.isMarked === isMarked) last.text += piece;
    else runs.push({ text: piece, isMarked });
  };
  let from = 0;
  const said = (until: number) => {
    for (const character of text.slice(from, until)) put(character, wanted.has(character));
  };
  for (const match of text.matchAll(LIQUID)) {
    said(match.index);
    put(match[0], false);
    from = match.index + match[0].length;
  }
  said(text.length);
  return runs;
}
