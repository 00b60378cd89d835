/** Segments: listed, saved, measured, and where they are used. */
import { keepPreviousData, queryOptions, useInfiniteQuery, useMutation, useQuery, useQueryClient, type QueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { components } from "./schema";
import type { Group } from "./types";

type Schemas = components["schemas"];
export type Segment = Schemas["Segment"];
export type SegmentSize = Schemas["SegmentSize"];
export type SegmentUses = Schemas["SegmentUses"];
export type Combination = Schemas["CombineSegments"]["operation"];
export type NewSegment = { name: string; frozen: boolean } & (
  | { filter: Group }
  | { combine: { operation: Combination; segments: string[] } }
);

const LOOK_AGAIN_MS = 1_000;
const MEASURED_WITHIN_MS = 15_000;
export const SIZE_DAYS = 90;

const path = (id: string) => ({ params: { path: { segment_id: id } } });

/** People are being saved, or the size of a new filter is being measured. */
export function isMoving({ freezing, kind, problem, measured_at: measured, updated_at: updated }: Segment, now = Date.now()): boolean {
  if (freezing === "saving") return true;
  if (kind === "frozen" || problem !== null) return false;
  const edited = Date.parse(updated);
  return (measured === null || Date.parse(measured) < edited) && now - edited < MEASURED_WITHIN_MS;
}

export function useSegments(search: string) {
  return useInfiniteQuery({
    queryKey: ["segments", search],
    queryFn: ({ pageParam, signal }) =>
      answerOf(api.GET("/api/v1/segments", { params: { query: { search, after: pageParam, limit: 50 } }, signal })),
    initialPageParam: null as string | null,
    getNextPageParam: (page) => page.next,
    placeholderData: keepPreviousData,
    refetchInterval: ({ state }) =>
      state.data?.pages.some(({ segments }) => segments.some((each) => isMoving(each))) === true ? LOOK_AGAIN_MS : false,
  });
}

export const segmentQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment", id],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/segments/{segment_id}", { ...path(id), signal })),
  });

export const useSegment = (id: string) =>
  useQuery({
    ...segmentQuery(id),
    refetchInterval: ({ state }) => (state.data !== undefined && isMoving(state.data) ? LOOK_AGAIN_MS : false),
  });

export const usesQuery = (id: string) =>
  queryOptions({
    queryKey: ["segment uses", id],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/segments/{segment_id}/uses", { ...path(id), signal })),
  });

export const useUses = (id: string) => useQuery(usesQuery(id));

/** Asked again whenever there is a newer measurement. */
export const useSizes = (id: string, measuredAt: string | null) =>
  useQuery({
    queryKey: ["segment sizes", id, measuredAt],
    queryFn: ({ signal }) =>
      answerOf(
        api.GET("/api/v1/segments/{segment_id}/sizes", {
          params: { path: { segment_id: id }, query: { days: SIZE_DAYS } },
          signal,
        }),
      ),
    placeholderData: keepPreviousData,
  });

function remember(cache: QueryClient, segment: Segment) {
  cache.setQueryData(segmentQuery(segment.id).queryKey, segment);
  void cache.invalidateQueries({ queryKey: ["segments"] });
  void cache.invalidateQueries({ queryKey: ["segment uses"] });
  void cache.invalidateQueries({ queryKey: ["named", "segment"] });
}

/** Without a connection what was pressed fails and says so, instead of waiting unseen. */
const toldAtOnce = { networkMode: "always" } as const;

function useSaving<Input>(act: (input: Input) => Promise<Segment>) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: act, onSuccess: (segment) => remember(cache, segment), ...toldAtOnce });
}

export const useCreateSegment = () =>
  useSaving((body: NewSegment) => answerOf(api.POST("/api/v1/segments", { body })));

export const useChangeSegment = (id: string) =>
  useSaving((body: { version: number; name?: string; filter?: Group }) =>
    answerOf(api.PATCH("/api/v1/segments/{segment_id}", { ...path(id), body })),
  );

export const useDuplicateSegment = (id: string) =>
  useSaving((body: { name?: string }) => answerOf(api.POST("/api/v1/segments/{segment_id}/duplicate", { ...path(id), body })));

export const useFreezeSegment = (id: string) =>
  useSaving(() => answerOf(api.POST("/api/v1/segments/{segment_id}/freeze", path(id))));

/** `keepalive` lets the request outlive the page. */
export const deleteSegment = (id: string) =>
  answerOf(api.DELETE("/api/v1/segments/{segment_id}", { ...path(id), keepalive: true }));

/** A draft for these people. */
export function useBroadcastTo() {
  const cache = useQueryClient();
  return useMutation({
    ...toldAtOnce,
    mutationFn: async (filter: Group) => {
      const { id, version } = await answerOf(api.POST("/api/v1/broadcasts", { body: { name: "", broadcast_type: "sms" } }));
      const draft = { params: { path: { broadcast_id: id } } };
      try {
        return await answerOf(api.PATCH("/api/v1/broadcasts/{broadcast_id}", { ...draft, body: { version, filter } }));
      } catch (error) {
        // A draft without its audience is of no use to anybody.
        await answerOf(api.DELETE("/api/v1/broadcasts/{broadcast_id}", draft)).catch(() => undefined);
        throw error;
      }
    },
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      void cache.invalidateQueries({ queryKey: ["broadcasts"] });
      void cache.invalidateQueries({ queryKey: ["segment uses"] });
    },
  });
}
