/** A step sent to oneself, and where such tests go. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { StepTest } from "./types";

interface Place {
  broadcast: string;
  step: string;
}

export type TestChannel = StepTest["channel"];

const keyOf = ({ step }: Place) => ["step-tests", step];
const pathOf = ({ broadcast, step }: Place) => ({ broadcast_id: broadcast, step_id: step });
const ADDRESSES = ["test-addresses"];

const ON_ITS_WAY_MS = 700;
const REPORT_MS = 2_000;
/** A provider that has said nothing for so long is asked for no more. */
const REPORTS_WITHIN_MS = 60_000;

function lookAgain(tests: StepTest[] | undefined): number | false {
  const newest = tests?.[0];
  if (newest === undefined) return false;
  if (newest.status === "queued" || newest.status === "sending") return ON_ITS_WAY_MS;
  const isOld = Date.now() - Date.parse(newest.created_at) > REPORTS_WITHIN_MS;
  return newest.delivered_at !== null || newest.status === "failed" || isOld ? false : REPORT_MS;
}

/** One's own tests of a step, the newest first; followed until they have ended. */
export const useStepTests = (place: Place) =>
  useQuery({
    queryKey: keyOf(place),
    queryFn: async ({ signal }) => (await answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/tests", { params: { path: pathOf(place) }, signal }))).tests,
    refetchInterval: ({ state }) => lookAgain(state.data),
  });

export interface TestAsked {
  channel: TestChannel;
  to: string | null;
  contact_id: string | null;
}

export function useSendTest(place: Place) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (asked: TestAsked) => answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/test", { params: { path: pathOf(place) }, body: asked })),
    onSuccess: (made) => {
      cache.setQueryData<StepTest[]>(keyOf(place), (known = []) => [made, ...known.filter(({ id }) => id !== made.id)]);
      void cache.invalidateQueries({ queryKey: keyOf(place) });
      void cache.invalidateQueries({ queryKey: ADDRESSES });
    },
  });
}

export const useTestAddresses = (isWanted: boolean) =>
  useQuery({ queryKey: ADDRESSES, queryFn: ({ signal }) => answerOf(api.GET("/api/v1/me/test-addresses", { signal })), enabled: isWanted });

export function useKeepTestAddress() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (body: { email?: string; phone?: string }) => answerOf(api.PATCH("/api/v1/me/test-addresses", { body })),
    onSuccess: (addresses) => cache.setQueryData(ADDRESSES, addresses),
  });
}
