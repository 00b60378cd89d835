/** What became of a test send, in words. */
import type { StepTest } from "@/api/types";

/** "just now", "3 s ago", "2 min ago", "1 h ago", "4 days ago" */
export function agoWords(moment: string, now: number): string {
  const seconds = Math.max(0, Math.round((now - Date.parse(moment)) / 1000));
  if (seconds < 2) return "just now";
  if (seconds < 60) return `${seconds} s ago`;
  if (seconds < 3_600) return `${Math.floor(seconds / 60)} min ago`;
  if (seconds < 86_400) return `${Math.floor(seconds / 3_600)} h ago`;
  const days = Math.floor(seconds / 86_400);
  return `${days} ${days === 1 ? "day" : "days"} ago`;
}

export interface TestSaid {
  kind: "info" | "care" | "bad";
  words: string;
  at: string | null;
}

export function saidOf(test: StepTest): TestSaid {
  const { address, words } = test;
  switch (test.status) {
    case "queued":
      return { kind: "info", words: `Waiting to leave for ${address}`, at: null };
    case "sending":
      return { kind: "info", words: `Sending to ${address}`, at: null };
    case "sent":
      return test.delivered_at === null ? { kind: "info", words: `Sent to ${address}`, at: test.sent_at } : { kind: "info", words: `Delivered to ${address}`, at: test.delivered_at };
    case "failed":
      return { kind: "bad", words: `Failed: ${words ?? "the provider gave no reason."}`, at: test.failed_at };
    case "unknown":
      return { kind: "care", words: `Not known whether ${address} got it: ${words ?? "there was no answer."}`, at: test.created_at };
  }
}
