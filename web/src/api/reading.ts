/** Real people whom a text is read as: stepped through, or found by name, number or address. */
import { useState } from "react";
import { nameOf } from "@/lib/contact";
import { useContacts, type ContactsAsked } from "./audience";
import type { Contact } from "./types";

export interface Reader {
  id: string;
  name: string;
  /** As Liquid names the fields. */
  contact: object;
}

export interface Reading {
  person: Reader | undefined;
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
}

const read = (contact: Contact): Reader => ({ id: contact.id, name: nameOf(contact), contact: { ...contact.columns, ...contact } });

export function useReading(whom: ContactsAsked): Reading {
  const [search, setSearch] = useState("");
  const [index, setIndex] = useState(0);
  const pages = useContacts({ ...whom, ...(search === "" ? {} : { search }) }, { isWanted: true });
  const people = pages.data?.pages.flatMap((page) => page.contacts.map(read)) ?? [];
  const at = Math.min(index, Math.max(0, people.length - 1));

  const go = (to: number) => {
    setIndex(to);
    if (to >= people.length - 2 && pages.hasNextPage) void pages.fetchNextPage();
  };
  return {
    person: people[at],
    position: people.length === 0 ? null : at + 1,
    found: search === "" || pages.isPlaceholderData ? null : { count: people.length, hasMore: pages.hasNextPage },
    search,
    failure: pages.error,
    isWaiting: pages.data === undefined && pages.error === null,
    previous: at > 0 ? () => go(at - 1) : null,
    next: at + 1 < people.length ? () => go(at + 1) : null,
    setSearch: (next) => {
      setSearch(next);
      setIndex(0);
    },
  };
}
