/** *Retry failed*: what would be sent again, and sending it. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { broadcastQuery } from "./broadcast";
import { answerOf, api } from "./client";
import { hasStatus } from "./problem";

const path = (id: string) => ({ params: { path: { broadcast_id: id } } });

const previewQuery = (id: string) =>
  queryOptions({
    queryKey: ["retry", id],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/retry-failed", { ...path(id), signal })),
    // An old number would only be refused.
    staleTime: 0,
    gcTime: 0,
  });

export const useRetryPreview = (id: string) => useQuery(previewQuery(id));

export function useRetryFailed(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (expected: number) =>
      answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/retry-failed", { ...path(id), body: { expected } })),
    onSuccess: ({ broadcast }) => {
      cache.setQueryData(broadcastQuery(id).queryKey, broadcast);
      for (const key of ["tracking", "messages"]) void cache.invalidateQueries({ queryKey: [key, id] });
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
    onError: async (error) => {
      if (hasStatus(error, 409)) await cache.invalidateQueries({ queryKey: previewQuery(id).queryKey });
    },
  });
}
