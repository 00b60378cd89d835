/** Why somebody would not get the SMS or the email, in words. */
import type { AnyLeftOut, AnyLeftOutCount, EmailLeftOut, LeftOut } from "@/api/types";

interface Reason {
  label: string;
  explanation: string;
}

const words: Record<LeftOut, Reason> = {
  no_phone: { label: "No phone number", explanation: "The contact has no phone number." },
  invalid_phone: { label: "Invalid phone number", explanation: "No SMS can reach the number as it is written." },
  opted_out: { label: "Opted out", explanation: "The person asked for no more SMS." },
  duplicate_number: {
    label: "Duplicate number",
    explanation: "Another matched contact has the same number and gets the SMS.",
  },
  unchecked_phone: {
    label: "Number not checked yet",
    explanation: "The number is new and is being checked; this settles by itself.",
  },
};

const emailWords: Record<EmailLeftOut, Reason> = {
  no_email: { label: "No email address", explanation: "The contact has no email address." },
  invalid_email: { label: "Invalid email address", explanation: "No email can reach the address as it is written." },
  opted_out: { label: "Opted out", explanation: "The person asked for no more emails." },
  duplicate_email: {
    label: "Duplicate email address",
    explanation: "Another matched contact has the same address and gets the email.",
  },
};

export const leftOutOrder = Object.keys(words) as LeftOut[];

const anyOrder: AnyLeftOut[] = [...new Set<AnyLeftOut>([...leftOutOrder, ...(Object.keys(emailWords) as EmailLeftOut[])])];

export const isLeftOut = (value: unknown): value is LeftOut => typeof value === "string" && value in words;

export const isEmailLeftOut = (value: unknown): value is EmailLeftOut => typeof value === "string" && value in emailWords;

export const emailReasonWords = (reason: EmailLeftOut): Reason => emailWords[reason];

export const reasonWords = (reason: LeftOut): Reason => words[reason];

export const anyReasonWords = (reason: AnyLeftOut): Reason => (reason in emailWords && reason !== "opted_out" ? emailWords[reason as EmailLeftOut] : words[reason as LeftOut]);

/** Of one channel; a reason of both is explained for it. */
export const wordsOf = (reason: AnyLeftOut, channel: "sms" | "email"): Reason =>
  channel === "email" && isEmailLeftOut(reason) ? emailWords[reason] : anyReasonWords(reason);

export const leftOutTotal = (counts: AnyLeftOutCount[]): number =>
  counts.reduce((sum, { contacts }) => sum + contacts, 0);

/** Always in the same order, without the empty ones. */
export const inOrder = <Count extends AnyLeftOutCount>(counts: Count[]): Count[] =>
  anyOrder.flatMap((reason) => counts.filter((entry) => entry.reason === reason && entry.contacts > 0));
