/** How the size of an audience has moved: one point a day, a line through them, and the answer in words. */
import { count, countOf } from "./format";

interface Size {
  measured_at: string;
  contacts: number;
}

/** The last size of each day, oldest first; a day is one of the reader's own calendar. */
export function perDay(sizes: Size[]): Size[] {
  const days = new Map<string, Size>();
  for (const size of sizes) days.set(new Date(size.measured_at).toDateString(), size);
  return [...days.values()];
}

const DAY_MS = 86_400_000;

/** From the last size at or before `days` ago (else the first) to the newest one. */
export function sizeChange(sizes: Size[], days: number): { from: Size; to: Size; by: number } | null {
  const to = sizes.at(-1);
  const [first] = sizes;
  if (to === undefined || first === undefined || sizes.length < 2) return null;
  const border = Date.parse(to.measured_at) - days * DAY_MS;
  const from = sizes.findLast(({ measured_at: at }) => Date.parse(at) <= border) ?? first;
  return { from, to, by: to.contacts - from.contacts };
}

export function changeWords(by: number): string {
  if (by === 0) return "as many as";
  return `${count(Math.abs(by))} ${by > 0 ? "more" : "fewer"} than`;
}

/** The ends of the scale: round numbers around all sizes, so that a small change can be seen. */
export function scaleOf(sizes: Size[]): [low: number, high: number] {
  const all = sizes.map(({ contacts }) => contacts);
  const [least, most] = [Math.min(...all), Math.max(...all)];
  const spread = Math.max(most - least, Math.ceil(most * 0.02), 4);
  const step = 10 ** Math.floor(Math.log10(spread));
  const low = Math.max(0, Math.floor((least - spread * 0.1) / step) * step);
  const high = Math.ceil((most + spread * 0.1) / step) * step;
  return [low, Math.max(high, low + step)];
}

export interface Frame {
  width: number;
  height: number;
}

/** Where each size stands in the frame, 0,0 at the upper left; one alone stands in the middle. */
export function pointsOf(sizes: Size[], { width, height }: Frame): { x: number; y: number }[] {
  const [low, high] = scaleOf(sizes);
  const times = sizes.map(({ measured_at: at }) => Date.parse(at));
  const start = times[0] ?? 0;
  const length = (times.at(-1) ?? 0) - start;
  return sizes.map(({ contacts }, index) => ({
    x: length === 0 ? width / 2 : (((times[index] ?? start) - start) / length) * width,
    y: height - ((contacts - low) / (high - low)) * height,
  }));
}

export const peopleWord = (contacts: number): string => countOf(contacts, "person", "people");
