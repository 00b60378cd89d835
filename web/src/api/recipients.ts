/** The people of a launched broadcast as they were saved with it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { LeftOut } from "./types";

export function useRecipients(id: string, leftOut: LeftOut | null, isWanted: boolean) {
  return useInfiniteQuery({
    queryKey: ["recipients", id, leftOut],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/broadcasts/{broadcast_id}/recipients", {
          params: { path: { broadcast_id: id }, query: { left_out: leftOut, after: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    enabled: isWanted,
  });
}
