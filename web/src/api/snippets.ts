/** Pieces of text that messages share: written, changed, and where they are used. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";

const path = (id: string) => ({ params: { path: { snippet_id: id } } });

/** Without a connection what was pressed fails and says so, instead of waiting unseen. */
const toldAtOnce = { networkMode: "always" } as const;

const snippets = queryOptions({
  queryKey: ["snippets"],
  queryFn: ({ signal }) => answerOf(api.GET("/api/v1/snippets", { signal })),
  staleTime: 30_000,
});

export const useSnippets = (isWanted = true) => useQuery({ ...snippets, enabled: isWanted, select: (found) => found.snippets });

/** With the templates and drafts that name it. */
export const useSnippet = (id: string) =>
  useQuery({ queryKey: ["snippets", id], queryFn: ({ signal }) => answerOf(api.GET("/api/v1/snippets/{snippet_id}", { ...path(id), signal })) });

function useSaving<Input, Result>(act: (input: Input) => Promise<Result>) {
  const cache = useQueryClient();
  return useMutation({
    ...toldAtOnce,
    mutationFn: act,
    // What a message says depends on them.
    onSuccess: () => Promise.all([["snippets"], ["email-check"], ["sms-check"], ["outlook"], ["preview"]].map((queryKey) => cache.invalidateQueries({ queryKey }))),
  });
}

export const useCreateSnippet = () => useSaving((body: { name: string; text: string }) => answerOf(api.POST("/api/v1/snippets", { body })));

export const useChangeSnippet = (id: string) =>
  useSaving((body: { version: number; name?: string; text?: string }) => answerOf(api.PATCH("/api/v1/snippets/{snippet_id}", { ...path(id), body })));

export const useDeleteSnippet = () => useSaving((id: string) => answerOf(api.DELETE("/api/v1/snippets/{snippet_id}", path(id))));
