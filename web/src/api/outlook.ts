/** What a draft would do if it were launched now. */
import { queryOptions, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";

export const outlookQuery = (id: string) =>
  queryOptions({
    queryKey: ["outlook", id],
    queryFn: ({ signal }) =>
      answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/outlook", { params: { path: { broadcast_id: id } }, signal })),
    staleTime: 10_000,
  });

export const useOutlook = (id: string, isWanted: boolean) => useQuery({ ...outlookQuery(id), enabled: isWanted });
