/** What holds for all steps, in words. */
import type { Broadcast } from "@/api/types";

type Rules = Pick<Broadcast, "steps" | "broadcast_type" | "leave_on_reply" | "goal" | "track_opens" | "track_clicks">;

/** One thing in each line; what does not concern the broadcast is not spoken of. `goal` is the filter in words. */
export function sequenceLines(broadcast: Rules, goal: string | null): string[] {
  const isSequence = broadcast.steps.length > 1;
  const tracked = [broadcast.track_opens ? "opens" : null, broadcast.track_clicks ? "clicks" : null].filter((each) => each !== null);
  return [
    ...(isSequence ? [broadcast.leave_on_reply ? "Who replies leaves the sequence" : "Who replies gets the later steps, too"] : []),
    ...(isSequence && broadcast.goal !== null ? [`The goal${goal === null ? "" : `: ${goal}`}. Who meets it leaves the sequence`] : []),
    ...(broadcast.broadcast_type === "sms" ? [] : [tracked.length === 0 ? "Neither opens nor clicks are tracked" : `Of emails ${tracked.join(" and ")} are tracked`]),
  ];
}
