/** Whom a draft reaches, in the words of its channels. */
import type { Outlook } from "@/api/types";
import { count } from "./format";
import { leftOutTotal } from "./reasons";
import { messagesSaid } from "./sequence/words";

const isOne = ({ steps, channels }: Pick<Outlook, "steps" | "channels">): boolean => steps.length <= 1 && channels.length <= 1;

/** "SMS", "email", "emails"; "people" where there is more than one message for a person. */
export function unitOf(outlook: Pick<Outlook, "steps" | "channels" | "will_send">): string {
  if (!isOne(outlook)) return outlook.will_send === 1 ? "person" : "people";
  if (outlook.channels[0]?.channel === "email") return outlook.will_send === 1 ? "email" : "emails";
  return "SMS";
}

/** "12,408 SMS", "9,200 emails", "12,408 people" */
export const willSendSaid = (outlook: Pick<Outlook, "steps" | "channels" | "will_send">): string => `${count(outlook.will_send)} ${unitOf(outlook)}`;

/** What they get in all, where it is more than one message each. */
export const messagesInAll = (outlook: Pick<Outlook, "steps" | "channels" | "messages">): string | null =>
  isOne(outlook) || outlook.messages.length === 0 ? null : messagesSaid(outlook.messages);

/** Matched, and reached by nothing. */
export const leftOutOf = ({ channels, matched, will_send: people, left_out: counts }: Pick<Outlook, "channels" | "matched" | "will_send" | "left_out">): number =>
  channels.length > 1 ? matched - people : leftOutTotal(counts);
