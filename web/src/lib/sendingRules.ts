/** How a broadcast is sent, in words. */
import type { SendingRules } from "@/api/types";
import { countOf } from "./format";

type LatePolicy = SendingRules["late_policy"];

interface LateWords {
  label: string;
  description: string;
  said: string;
}

const late: Record<LatePolicy, LateWords> = {
  catch_up: { label: "Send as soon as allowed", description: "It starts as soon as it can, within the sending hours.", said: "sent as soon as allowed" },
  skip: { label: "Skip it", description: "It ends without sending anything.", said: "skipped" },
  ask: { label: "Ask me", description: "It pauses and waits until somebody resumes or cancels it.", said: "paused until somebody decides" },
};

export const latePolicies = Object.keys(late) as LatePolicy[];

export const lateWords = (policy: LatePolicy): LateWords => late[policy];

/** 0.25 is 25 */
export const percentOf = (share: number): number => Math.round(share * 1_000) / 10;

export const shareOf = (percent: number): number => Math.round(percent * 10) / 1_000;

/** What is chosen, one thing in each line. */
export function rulesLines({ max_per_minute: limit, late_policy: policy, stop_at_failure_rate: stop }: SendingRules): string[] {
  return [
    limit === null ? "As fast as the sender allows" : `At most ${countOf(limit, "message")} per minute`,
    stop === null ? "Never stops by itself" : `Stops by itself when more than ${percentOf(stop)}% fail`,
    `If its time is missed: ${late[policy].said}`,
  ];
}

/** The same in one line. */
export const rulesSaid = (rules: SendingRules): string => rulesLines(rules).join(" · ");

export const rulesOf = ({ late_policy, max_per_minute, stop_at_failure_rate }: SendingRules): SendingRules => ({
  late_policy, max_per_minute, stop_at_failure_rate,
});

export const sameRules = (one: SendingRules, other: SendingRules): boolean =>
  one.late_policy === other.late_policy && one.max_per_minute === other.max_per_minute && one.stop_at_failure_rate === other.stop_at_failure_rate;
