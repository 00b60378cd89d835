/** The real person that all previews of a step are read as: stepped through, searched, or shown for a reason. */
import { useState } from "react";
import { useContacts, type ContactsAsked } from "@/api/audience";
import { usePreview } from "@/api/preview";
import { useDraft } from "@/api/useDraft";
import { nameOf } from "@/lib/contact";
import type { Contact, Step } from "@/api/types";

export interface PreviewPerson {
  id: string;
  name: string;
  /** As Liquid names the fields. */
  contact: object;
}

export interface PreviewPeople {
  person: PreviewPerson | undefined;
  /** 1 for the first one; null for somebody who was not come to by stepping. */
  position: number | null;
  /** Who was found by the search so far; null without one. */
  found: { count: number; hasMore: boolean } | null;
  search: string;
  failure: Error | null;
  isWaiting: boolean;
  previous: (() => void) | null;
  next: (() => void) | null;
  setSearch: (search: string) => void;
  show: (contactId: string) => void;
}

const reachedBy = (channel: Step["channel"]): Pick<ContactsAsked, "channel" | "reachable" | "reached_by"> =>
  channel === "sms_email" ? { reached_by: "any" } : { channel, reachable: true };

const read = (contact: Contact): PreviewPerson => ({ id: contact.id, name: nameOf(contact), contact: { ...contact.columns, ...contact } });

export function usePreviewPeople(): PreviewPeople {
  const { broadcast, step } = useDraft();
  const [search, setSearch] = useState("");
  const [index, setIndex] = useState(0);
  const [picked, setPicked] = useState<string | null>(null);
  const asked = { filter: broadcast.filter, ...reachedBy(step.channel), ...(search === "" ? {} : { search }) };
  const pages = useContacts(asked, { isWanted: true });
  const one = usePreview(broadcast.id, picked === null ? null : { contact_id: picked, step_id: step.id });
  const people = pages.data?.pages.flatMap((page) => page.contacts.map(read)) ?? [];
  const at = Math.min(index, Math.max(0, people.length - 1));
  const shown = one.data?.recipients.find((recipient) => recipient.contact_id === picked);
  const isPicked = picked !== null && shown !== undefined;

  const go = (to: number) => {
    setPicked(null);
    setIndex(to);
    if (to >= people.length - 2 && pages.hasNextPage) void pages.fetchNextPage();
  };
  return {
    person: isPicked ? { id: shown.contact_id, name: shown.name || "No name", contact: shown.contact } : people[at],
    position: isPicked || people.length === 0 ? null : at + 1,
    found: search === "" || pages.isPlaceholderData ? null : { count: people.length, hasMore: pages.hasNextPage },
    search,
    failure: pages.error,
    isWaiting: pages.data === undefined && pages.error === null,
    previous: isPicked ? () => setPicked(null) : at > 0 ? () => go(at - 1) : null,
    next: at + 1 < people.length ? () => go(at + 1) : null,
    setSearch: (next) => {
      setSearch(next);
      setIndex(0);
      setPicked(null);
    },
    show: setPicked,
  };
}
