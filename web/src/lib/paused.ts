/** Who or what has paused a broadcast, in words. */
import type { Tracking } from "@/api/types";

type Standing = Pick<Tracking, "status" | "paused_by">;

const words: Partial<Record<NonNullable<Tracking["paused_by"]>, string>> = {
  failure_rate: "Too many messages failed",
  configuration: "Something must be mended first",
  missed_time: "It did not start at its time",
};

/** Null where a person did it, or nobody. */
export const stoppedWord = ({ status, paused_by: by }: Standing): string | null =>
  status === "paused" && by !== null ? (words[by] ?? null) : null;
