/** How a saved audience and the contacts have moved apart, in words. */
import { count } from "./format";
import type { DriftKind } from "@/api/types";

const words: Record<DriftKind, { title: string; explanation: string; said: (people: string) => string }> = {
  joined: { title: "Joined", explanation: "They match now and are not in the saved audience.", said: (people) => `${people} joined` },
  left: { title: "Left", explanation: "They are in the saved audience and match no longer, or were deleted.", said: (people) => `${people} left` },
  changed_number: {
    title: "Changed their number",
    explanation: "They are in the saved audience with another number than they have now.",
    said: (people) => `${people} changed their number`,
  },
};

export const driftKinds = Object.keys(words) as DriftKind[];

export const isDriftKind = (value: unknown): value is DriftKind => typeof value === "string" && value in words;

export const driftWords = (kind: DriftKind) => words[kind];

/** "12 joined" */
export const driftSaid = (kind: DriftKind, people: number): string => words[kind].said(count(people));
