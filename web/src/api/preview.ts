/** The message as real recipients will read it. */
import { keepPreviousData, queryOptions, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";

export const PREVIEW_PAGE = 5;

const previewQuery = (id: string, body: string, after: string | null) =>
  queryOptions({
    queryKey: ["preview", id, body, after],
    queryFn: ({ signal }) =>
      answerOf(
        api.POST("/api/v1/broadcasts/{broadcast_id}/preview", {
          params: { path: { broadcast_id: id } },
          body: { body, after, limit: PREVIEW_PAGE },
          signal,
        }),
      ),
    gcTime: 60_000,
  });

export const usePreview = (id: string, body: string, after: string | null) =>
  useQuery({ ...previewQuery(id, body, after), placeholderData: keepPreviousData });

export function usePrefetchPreview(id: string) {
  const cache = useQueryClient();
  return (body: string, after: string) => void cache.query(previewQuery(id, body, after)).catch(() => undefined);
}
