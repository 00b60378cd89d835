/** The list of broadcasts. */
import { keepPreviousData, useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { BroadcastSearch, BroadcastStatus } from "./types";

const REFRESH_MS = 5_000;
const moving: BroadcastStatus[] = ["scheduled", "sending"];

export function useBroadcasts(wanted: BroadcastSearch) {
  return useInfiniteQuery({
    queryKey: ["broadcasts", wanted],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/api/v1/broadcasts", { params: { query: { ...wanted, after: pageParam, limit: 25 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some((page) => page.broadcasts.some((line) => moving.includes(line.status))) === true
        ? REFRESH_MS
        : false,
  });
}

/** Who has made a broadcast. */
export const useBroadcastAuthors = () =>
  useQuery({
    queryKey: ["broadcast authors"],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/authors", { signal })),
    staleTime: 60_000,
  });

export type Copied = "all" | "content" | "audience";

export function useDuplicateBroadcast() {
  const cache = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: ({ id, what }: { id: string; what: Copied }) =>
      answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/duplicate", { params: { path: { broadcast_id: id } }, body: { what } })),
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
  });
}

export function useArchiveBroadcast() {
  const cache = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: ({ id, archived }: { id: string; archived: boolean }) => {
      const one = { params: { path: { broadcast_id: id } } };
      return answerOf(archived ? api.POST("/api/v1/broadcasts/{broadcast_id}/archive", one) : api.POST("/api/v1/broadcasts/{broadcast_id}/unarchive", one));
    },
    onSuccess: () => cache.invalidateQueries({ queryKey: ["broadcasts"] }),
  });
}

const PRESENT_MS = 15_000;

/** Says every 15 seconds that the draft is open here, and tells who else has it open. A tab in the background is not. */
export const useBroadcastEditors = (id: string, isWanted: boolean) =>
  useQuery({
    queryKey: ["broadcast editors", id],
    queryFn: ({ signal }) => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/presence", { params: { path: { broadcast_id: id } }, signal })),
    refetchInterval: PRESENT_MS,
    staleTime: 0,
    enabled: isWanted,
  });

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
