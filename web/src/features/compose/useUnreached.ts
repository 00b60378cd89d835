/** Why a channel does not reach the person shown, where the other one does. */
import { useWhy } from "@/api/audience";
import { useDraft } from "@/api/useDraft";
import { wordsOf } from "@/lib/reasons";
import type { Reader } from "@/api/reading";

export function useUnreached(channel: "sms" | "email", person: Reader | undefined): string | null {
  const { broadcast, step } = useDraft();
  const isAsked = step.channel === "sms_email" && person !== undefined;
  const { data: why } = useWhy(broadcast.filter, person?.id ?? "", isAsked);
  const reason = why?.[channel].reason ?? null;
  if (!isAsked || reason === null) return null;
  return `${person.name} gets no ${channel === "sms" ? "SMS" : "email"}. ${wordsOf(reason, channel).explanation}`;
}
