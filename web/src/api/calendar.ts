/** The calendar of everything that is planned: read, compared, and moved on it. */
import { keepPreviousData, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { editsBack, editsFor, type MoveEdits } from "@/lib/calendar/move";
import { answerOf, api } from "./client";
import { outlookQuery } from "./outlook";
import type { Broadcast, CalendarStep } from "./types";

const MOVING_MS = 5_000;
const RESTING_MS = 30_000;

export interface CalendarWanted {
  from: string;
  until: string;
  archived: boolean;
  within: number | null;
}

/** Asked for again every few seconds while something is scheduled or being sent. */
export const useCalendar = ({ from, until, archived, within }: CalendarWanted) =>
  useQuery({
    queryKey: ["calendar", from, until, archived, within],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/calendar", { params: { query: { from, until, archived, within_hours: within } }, signal })),
    placeholderData: keepPreviousData,
    // What was edited elsewhere a moment ago stands at its new place.
    staleTime: 0,
    refetchInterval: ({ state }) =>
      state.data?.steps.some(({ broadcast_status: status }) => status === "scheduled" || status === "sending") === true ? MOVING_MS : RESTING_MS,
  });

/** How many people get both of two steps; counted when it is asked for, since it takes a moment. */
export const useOverlap = (step: string, other: string) =>
  useQuery({
    queryKey: ["calendar overlap", step, other],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/calendar/overlap", { params: { query: { step, other } }, signal })),
    staleTime: 60_000,
  });

const pathOf = (step: CalendarStep) => ({ broadcast_id: step.broadcast_id, step_id: step.step_id });

/** What this move would do to whom; nothing is changed. `local` is wall time of the step's own clock. */
export const useMoveEffects = (step: CalendarStep, local: string | null) =>
  useQuery({
    queryKey: ["calendar effects", step.step_id, step.version, local],
    queryFn: ({ signal }) =>
      answerOf(
        api.POST("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/effects", {
          params: { path: pathOf(step) },
          body: { version: step.version, ...editsFor(step, local ?? step.local) },
          signal,
        }),
      ),
    enabled: local !== null,
    staleTime: 0,
    gcTime: 0,
  });

export interface CalendarMove {
  step: CalendarStep;
  /** What clocks will show, of its own and of the account. */
  local: string;
  shown: string;
  /** It goes back to the time that was chosen before; `version` is the one of the move. */
  back?: { version: number };
}

export function useMoveStep() {
  const cache = useQueryClient();
  return useMutation({
    // Offline it fails at once, and says so.
    networkMode: "always",
    mutationFn: ({ step, local, back }: CalendarMove): Promise<Broadcast> => {
      const edits: MoveEdits = back === undefined ? editsFor(step, local) : editsBack(step);
      return answerOf(
        api.PATCH("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
          params: { path: pathOf(step) },
          body: { version: back?.version ?? step.version, ...edits },
        }),
      );
    },
    onSuccess: (broadcast) => {
      cache.setQueryData(["broadcast", broadcast.id], broadcast);
      for (const key of [["broadcasts"], outlookQuery(broadcast.id).queryKey, ["tracking", broadcast.id]]) void cache.invalidateQueries({ queryKey: key });
    },
    // Until it is read again the item stands where it was put; of what was refused this shows why.
    onSettled: () => cache.invalidateQueries({ queryKey: ["calendar"] }),
  });
}
