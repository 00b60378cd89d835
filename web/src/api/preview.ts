/** The messages of a step as real recipients get them. */
import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { AskPreview } from "./types";

/** Of one person, with the texts as they are written now. Null: nobody is known yet. */
export const usePreview = (id: string, asked: Partial<AskPreview> | null) =>
  useQuery({
    queryKey: ["preview", id, asked],
    queryFn: ({ signal }) =>
      answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/preview", { params: { path: { broadcast_id: id } }, body: { limit: 1, ...asked }, signal })),
    enabled: asked !== null,
    placeholderData: keepPreviousData,
    gcTime: 60_000,
  });
