/** Fields, their values and the people behind a number. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { Group, LeftOut } from "./types";

const fields = queryOptions({
  queryKey: ["audience", "fields"],
  queryFn: ({ signal }) => answerOf(api.GET("/api/v1/audience/fields", { signal })),
  staleTime: 60_000,
});

export const useAudienceFields = () => useQuery(fields);

export function useFieldValues(field: string, search: string, isWanted: boolean) {
  return useQuery({
    queryKey: ["audience", "values", field, search],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/api/v1/audience/values", { params: { query: { field, search, limit: 20 } }, signal })),
    enabled: isWanted,
    placeholderData: keepPreviousData,
    staleTime: 30_000,
  });
}

/** Which of the matched people: all, those who get an SMS, or those left out for one reason. */
export type Narrowing = "matched" | "reachable" | LeftOut;

export function narrowed(to: Narrowing): { reachable?: true; left_out?: LeftOut } {
  if (to === "matched") return {};
  return to === "reachable" ? { reachable: true } : { left_out: to };
}

export function useContacts(filter: Group, narrowing: Narrowing, options: { from?: string | null; isWanted: boolean }) {
  return useInfiniteQuery({
    queryKey: ["audience", "contacts", filter, narrowing, options.from ?? null],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.POST("/api/v1/audience/contacts", {
          body: {
            filter,
            limit: 50,
            after: pageParam,
            ...narrowed(narrowing),
          },
          signal,
        }),
      ),
    initialPageParam: options.from ?? null,
    getNextPageParam: (page) => page.next,
    enabled: options.isWanted,
  });
}
