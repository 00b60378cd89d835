/** What the server makes of an email for one contact, and what it finds. */
import { useDebouncedValue } from "@mantine/hooks";
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useMemo, useState } from "react";
import { problemFrom } from "@/api/problem";
import { signedOut } from "@/api/signedOut";
import type { Fault } from "@/api/types";
import type { EmailDocument } from "./document";
import type { EmailValue } from "./value";

/** A place of an email that could be better, or that keeps it from being sent. */
export interface EmailCheck {
  kind: string;
  severity: "problem" | "advice";
  detail: string;
  pointer: string;
}

/** `text_made` is the text part that is made from the email, with its Liquid; the rest is as the contact gets it. */
export interface CheckedEmail {
  subject: string;
  preheader: string;
  html: string;
  text: string;
  text_made: string;
  missing: string[];
  links: { url: string; label: string }[];
  checks: EmailCheck[];
  errors: Fault[];
}

/** `of`: the document that was looked at, to which the pointers belong; it may have changed since. */
export type Looked = CheckedEmail & { of: EmailDocument | null };

/** With the answer's way a change is on the screen within a tenth of a second. */
const AFTER_MS = 50;

async function checkEmail(value: EmailValue, contact: object | null, signal: AbortSignal): Promise<Looked> {
  const response = await fetch(
    new Request(new URL("/api/v1/content/email/check", window.location.origin), {
      method: "POST",
      headers: { "Content-Type": "application/json", "X-Clarion": "1" },
      credentials: "same-origin",
      body: JSON.stringify({ ...value, contact }),
      signal,
    }),
  );
  const body: unknown = await response.json().catch(() => null);
  if (response.status === 401) signedOut.set(true);
  if (!response.ok) throw problemFrom(body, response);
  return { ...(body as CheckedEmail), of: value.email };
}

export interface EmailPreview {
  /** The newest answer; while an email cannot be made, with the HTML and the texts of the last one that could. */
  shown: Looked | undefined;
  isStale: boolean;
  failure: Error | null;
  retry: () => void;
}

export function useEmailPreview(value: EmailValue, contact: object | null): EmailPreview {
  const asked = JSON.stringify([value, contact]);
  const [settled] = useDebouncedValue(asked, AFTER_MS);
  // What is asked about lies a moment behind: there may have been no email yet.
  const isWritten = useMemo(() => (JSON.parse(settled) as [EmailValue, object | null])[0].email !== null, [settled]);
  const { data, error, isPlaceholderData, refetch } = useQuery({
    queryKey: ["email-check", settled],
    queryFn: ({ signal }) => {
      const [email, person] = JSON.parse(settled) as [EmailValue, object | null];
      return checkEmail(email, person, signal);
    },
    enabled: isWritten,
    placeholderData: keepPreviousData,
    staleTime: Infinity,
    gcTime: 60_000,
  });
  const [made, setMade] = useState<Looked>();
  if (data !== undefined && data.html !== "" && data !== made) setMade(data);
  const shown = data?.html === "" && made !== undefined ? { ...data, html: made.html, text: made.text, text_made: made.text_made } : data;
  const isOld = asked !== settled || isPlaceholderData || (data?.html === "" && made !== undefined);
  return { shown, isStale: isOld, failure: error, retry: () => void refetch() };
}
