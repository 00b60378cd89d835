/** Sequences that are kept: one's own and those that come with Clarion, and drafts that begin as one. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import { outlookQuery } from "./outlook";
import type { Broadcast } from "./types";
import { useDraft } from "./useDraft";

/** One's own, or one of the library. */
export type SequenceChoice = { sequence_id: string } | { from_library: string };

const path = (id: string) => ({ params: { path: { sequence_id: id } } });

/** Without a connection what was pressed fails and says so, instead of waiting unseen. */
const toldAtOnce = { networkMode: "always" } as const;

const own = (archived: boolean) =>
  queryOptions({
    queryKey: ["sequences", archived],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/sequence-templates", { params: { query: { archived } }, signal })),
  });

export const useSequences = (archived = false, isWanted = true) => useQuery({ ...own(archived), enabled: isWanted, select: (found) => found.sequences });

export const useSequenceLibrary = (isWanted = true) =>
  useQuery({
    queryKey: ["sequence library"],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/sequence-library", { signal })),
    staleTime: Infinity,
    enabled: isWanted,
    select: (found) => found.sequences,
  });

function useSaving<Input, Result>(act: (input: Input) => Promise<Result>) {
  const cache = useQueryClient();
  return useMutation({ ...toldAtOnce, mutationFn: act, onSuccess: () => cache.invalidateQueries({ queryKey: ["sequences"] }) });
}

export const useKeepSequence = () =>
  useSaving((body: { name: string; purpose: string; broadcast_id: string }) => answerOf(api.POST("/api/v1/sequence-templates", { body })));

export const useRenameSequence = (id: string) =>
  useSaving((body: { version: number; name: string; purpose: string }) => answerOf(api.PATCH("/api/v1/sequence-templates/{sequence_id}", { ...path(id), body })));

export const useDuplicateSequence = () => useSaving((id: string) => answerOf(api.POST("/api/v1/sequence-templates/{sequence_id}/duplicate", path(id))));

export const useArchiveSequence = () =>
  useSaving(({ id, archived }: { id: string; archived: boolean }) =>
    answerOf(archived ? api.POST("/api/v1/sequence-templates/{sequence_id}/archive", path(id)) : api.POST("/api/v1/sequence-templates/{sequence_id}/unarchive", path(id))),
  );

const take = ({ id, version }: Pick<Broadcast, "id" | "version">, choice: SequenceChoice) =>
  answerOf(api.PUT("/api/v1/broadcasts/{broadcast_id}/steps", { params: { path: { broadcast_id: id } }, body: { version, ...choice } }));

/** The draft's own steps are replaced. */
export function useTakeSequence() {
  const { broadcast, act } = useDraft();
  const cache = useQueryClient();
  return useMutation({
    ...toldAtOnce,
    mutationFn: (choice: SequenceChoice) => act((now) => take(now, choice)),
    onSettled: () =>
      Promise.all([
        cache.invalidateQueries({ queryKey: outlookQuery(broadcast.id).queryKey }),
        ...broadcast.steps.map(({ id }) => cache.invalidateQueries({ queryKey: ["step-files", id] })),
      ]),
  });
}

export function useBroadcastAs() {
  const cache = useQueryClient();
  return useMutation({
    ...toldAtOnce,
    mutationFn: async ({ name, choice }: { name: string; choice: SequenceChoice }) => {
      const draft = await answerOf(api.POST("/api/v1/broadcasts", { body: { name, broadcast_type: "sms" } }));
      try {
        return await take(draft, choice);
      } catch (error) {
        // A draft without its messages is of no use to anybody.
        await answerOf(api.DELETE("/api/v1/broadcasts/{broadcast_id}", { params: { path: { broadcast_id: draft.id } } })).catch(() => undefined);
        throw error;
      }
    },
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
    },
  });
}
