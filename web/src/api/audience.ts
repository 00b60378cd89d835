/** Fields, their values and the people behind a number. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { AnyLeftOut, By, EmailLeftOut, Group, LeftOut, LeftReason } from "./types";

const fields = queryOptions({
  queryKey: ["audience", "fields"],
  queryFn: ({ signal }) => answerOf(api.GET("/api/v1/audience/fields", { signal })),
  staleTime: 60_000,
});

export const useAudienceFields = () => useQuery(fields);

export const fieldValuesQuery = (field: string, search: string) =>
  queryOptions({
    queryKey: ["audience", "values", field, search],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/api/v1/audience/values", { params: { query: { field, search, limit: 20 } }, signal })),
    staleTime: 30_000,
  });

export const useFieldValues = (field: string, search: string, isWanted: boolean) =>
  useQuery({ ...fieldValuesQuery(field, search), enabled: isWanted, placeholderData: keepPreviousData });

/** Which of the saved people: all, those whom a channel reaches, those it leaves out for one reason, or who has left the sequence so. */
export type Narrowing = "matched" | "reachable" | LeftOut | `email.${"reachable" | EmailLeftOut}` | `gone.${LeftReason}`;

interface Narrowed {
  channel?: "email";
  reachable?: true;
  left_out?: AnyLeftOut;
  left_reason?: LeftReason;
}

export function narrowed(to: Narrowing): Narrowed {
  if (to === "matched") return {};
  if (to === "reachable") return { reachable: true };
  if (to === "email.reachable") return { channel: "email", reachable: true };
  const [list, reason] = to.split(".");
  if (list === "gone") return { left_reason: reason as LeftReason };
  return list === "email" ? { channel: "email", left_out: reason as EmailLeftOut } : { left_out: to as LeftOut };
}

export interface SortBy {
  field: string;
  descending: boolean;
}

/** Of which people of the filter, in which order. */
export interface ContactsAsked {
  filter: Group;
  channel?: "sms" | "email";
  reachable?: true;
  left_out?: AnyLeftOut;
  reached_by?: By;
  without?: string;
  sort?: SortBy | null;
  search?: string | null;
}

export function useContacts(asked: ContactsAsked, options: { from?: string | null; isWanted: boolean }) {
  return useInfiniteQuery({
    queryKey: ["audience", "contacts", asked, options.from ?? null],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.POST("/api/v1/audience/contacts", { body: { ...asked, limit: 50, after: pageParam }, signal })),
    initialPageParam: options.from ?? null,
    getNextPageParam: (page) => page.next,
    enabled: options.isWanted,
    placeholderData: keepPreviousData,
  });
}

/** How the contacts narrow to the filter. `stamp` says of when: with another one it is asked anew. */
export const useWaterfall = (filter: Group, stamp: string) =>
  useQuery({
    queryKey: ["audience", "waterfall", filter, stamp],
    queryFn: ({ signal }) => answerOf(api.POST("/api/v1/audience/waterfall", { body: { filter }, signal })),
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });

export const useWhy = (filter: Group, contactId: string, isWanted = true) =>
  useQuery({
    queryKey: ["audience", "why", filter, contactId],
    enabled: isWanted,
    queryFn: ({ signal }) => answerOf(api.POST("/api/v1/audience/why", { body: { filter, contact_id: contactId }, signal })),
  });
