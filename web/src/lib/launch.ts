/** The button that launches, named after what it does. */
import type { Broadcast, Outlook, Step } from "@/api/types";
import { count, countOf, dayAndTime } from "./format";
import { willSendSaid } from "./reach";

type Draft = Pick<Broadcast, "steps">;
type Foreseen = Pick<Outlook, "steps" | "channels" | "will_send">;

const isOneMessage = ({ steps }: Draft): boolean => steps.length === 1 && steps[0]?.channel !== "sms_email";

function to(broadcast: Draft, outlook: Foreseen): string {
  if (isOneMessage(broadcast)) return willSendSaid(outlook);
  const people = countOf(outlook.will_send, "person", "people");
  return broadcast.steps.length === 1 ? `SMS and email to ${people}` : `${broadcast.steps.length} steps to ${people}`;
}

/** "Send 12,408 SMS now", "Schedule 3 steps to 12,408 people" */
export function consequence(broadcast: Draft, outlook: Foreseen): string {
  const [first] = broadcast.steps;
  const what = to(broadcast, outlook);
  if (first?.send_mode === "now") return broadcast.steps.length > 1 ? `Start ${what} now` : `Send ${what} now`;
  return `Schedule ${what}${broadcast.steps.length > 1 ? "" : ` ${forWhen(first)}`}`;
}

function forWhen(step: Step | undefined): string {
  if (step === undefined || step.scheduled_at === null) return "later";
  if (step.zone_mode === "recipient" && step.due_for !== null) return `for ${dayAndTime(`${step.due_for}Z`, "UTC")} on each clock`;
  return `for ${dayAndTime(step.scheduled_at, step.time_zone)}`;
}

/** What a person is told before a large number leaves at once. */
export function warning(broadcast: Draft, outlook: Pick<Outlook, "will_send" | "channels">, recipients: number): string {
  if (broadcast.steps.length > 1) return `${count(recipients)} people get the first step as soon as you confirm. What has left cannot be called back.`;
  const email = outlook.channels.length === 1 && outlook.channels[0]?.channel === "email";
  const what = isOneMessage(broadcast) ? `this ${email ? "email" : "SMS"}` : "this message";
  return `${count(recipients)} people get ${what} as soon as you confirm. What has left cannot be called back.`;
}
