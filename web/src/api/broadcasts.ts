/** The list of broadcasts. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { BroadcastStatus } from "./types";

const REFRESH_MS = 5_000;
const moving: BroadcastStatus[] = ["scheduled", "sending"];

export function useBroadcasts(search: string, status: BroadcastStatus[]) {
  return useInfiniteQuery({
    queryKey: ["broadcasts", search, status],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/api/v1/broadcasts", { params: { query: { search, status, after: pageParam, limit: 25 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.broadcasts.some((line) => moving.includes(line.status))) === true
        ? REFRESH_MS
        : false,
  });
}

export function useCreateBroadcast() {
  const cache = useQueryClient();
  return useMutation({
    // Offline it fails at once, and says so, instead of waiting in silence.
    networkMode: "always",
    mutationFn: () => answerOf(api.POST("/api/v1/broadcasts", { body: { name: "", broadcast_type: "sms" } })),
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
  });
}

/** `keepalive` lets the request outlive the page. */
export const deleteBroadcast = (id: string) =>
  answerOf(api.DELETE("/api/v1/broadcasts/{broadcast_id}", { params: { path: { broadcast_id: id } }, keepalive: true }));
