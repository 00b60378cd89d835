/** How far the saved audience of a waiting broadcast and the contacts have moved apart. */
import { useInfiniteQuery, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { DriftKind } from "./types";

/** Comparing reads both sides whole: often enough to notice, seldom enough not to weigh. */
const LOOK_MS = 20_000;

const path = (id: string) => ({ params: { path: { broadcast_id: id } } });

/** `savedAt` tells one saved audience from the next, which is compared anew. */
export const useDrift = (id: string, savedAt: string | null) =>
  useQuery({
    queryKey: ["drift", id, "numbers", savedAt],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/drift", { ...path(id), signal })),
    refetchInterval: LOOK_MS,
  });

export const useDrifted = (id: string, kind: DriftKind) =>
  useInfiniteQuery({
    queryKey: ["drift", id, "people", kind],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.POST("/api/v1/broadcasts/{broadcast_id}/drift/contacts", { ...path(id), body: { kind, after: pageParam, limit: 50 }, signal }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });

export function useRenewAudience(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/audience/renew", path(id))),
    onSuccess: (broadcast) => cache.setQueryData(["broadcast", id], broadcast),
    onSettled: () => {
      cache.removeQueries({ queryKey: ["drift", id, "people"] });
      void cache.invalidateQueries({ queryKey: ["tracking", id] });
      void cache.invalidateQueries({ queryKey: ["recipients", id] });
    },
  });
}
