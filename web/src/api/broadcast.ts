/** One broadcast and what can be done with it. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { Broadcast, SendingRules } from "./types";

export const broadcastQuery = (id: string) =>
  queryOptions({
    queryKey: ["broadcast", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}", { params: { path: { broadcast_id: id } }, signal })),
  });

export const useBroadcast = (id: string) => useQuery(broadcastQuery(id));

function useAct<Input = undefined>(id: string, act: (input: Input) => Promise<Broadcast>) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: act,
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", id], broadcast);
      void cache.invalidateQueries({ queryKey: ["tracking", id] });
      void cache.invalidateQueries({ queryKey: ["messages", id] });
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
  });
}

export function useLaunch(id: string) {
  return useAct(id, (body: { version: number; expected_recipients: number }) =>
    answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/launch", { params: { path: { broadcast_id: id } }, body })),
  );
}

/** How a launched broadcast is sent, until it has ended. */
export function useChangeRules(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (rules: SendingRules) => {
      const version = cache.getQueryData(broadcastQuery(id).queryKey)?.version ?? 0;
      return answerOf(api.PATCH("/api/v1/broadcasts/{broadcast_id}", { ...path(id), body: { version, ...rules } }));
    },
    onSuccess: (broadcast) => cache.setQueryData(broadcastQuery(id).queryKey, broadcast),
    // Refused because it was changed elsewhere: the next attempt starts from the newest.
    onError: () => cache.invalidateQueries({ queryKey: broadcastQuery(id).queryKey }),
    onSettled: () => void cache.invalidateQueries({ queryKey: ["tracking", id] }),
  });
}

const path = (id: string) => ({ params: { path: { broadcast_id: id } } });

export function useCommands(id: string) {
  return {
    pause: useAct(id, () => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/pause", path(id)))),
    resume: useAct(id, () => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/resume", path(id)))),
    cancel: useAct(id, () => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/cancel", path(id)))),
  };
}
