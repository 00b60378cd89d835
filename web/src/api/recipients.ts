/** The people of a launched broadcast as they were saved with it. */
import { useInfiniteQuery } from "@tanstack/react-query";
import { narrowed, type Narrowing } from "./audience";
import { answerOf, api } from "./client";

export function useRecipients(id: string, narrowing: Narrowing) {
  return useInfiniteQuery({
    queryKey: ["recipients", id, narrowing],
    queryFn: ({ pageParam, signal }) =>
      answerOf(
        api.GET("/api/v1/broadcasts/{broadcast_id}/recipients", {
          params: { path: { broadcast_id: id }, query: { ...narrowed(narrowing), after: pageParam, limit: 50 } },
          signal,
        }),
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
  });
}
