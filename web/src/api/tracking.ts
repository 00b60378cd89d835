/** What came of a launched broadcast. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";

const trackingQuery = (id: string) =>
  queryOptions({
    queryKey: ["tracking", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/tracking", { params: { path: { broadcast_id: id } }, signal })),
  });

export const useTracking = (id: string, isWanted: boolean) => useQuery({ ...trackingQuery(id), enabled: isWanted });
