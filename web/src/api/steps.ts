/** The steps of a broadcast: one more, one less, another order, and what a change of one would do. */
import { useMutation, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { StepEdits } from "./edits";
import { outlookQuery } from "./outlook";
import type { Broadcast } from "./types";
import { useDraft } from "./useDraft";

const pathOf = ({ id }: Broadcast) => ({ broadcast_id: id });

const add = (broadcast: Broadcast) =>
  answerOf(api.POST("/api/v1/broadcasts/{broadcast_id}/steps", { params: { path: pathOf(broadcast) }, body: { version: broadcast.version } }));

const duplicate = (broadcast: Broadcast, id: string) =>
  answerOf(
    api.POST("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/duplicate", {
      params: { path: { ...pathOf(broadcast), step_id: id } },
      body: { version: broadcast.version },
    }),
  );

const remove = (broadcast: Broadcast, id: string) =>
  answerOf(
    api.DELETE("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
      params: { path: { ...pathOf(broadcast), step_id: id }, query: { version: broadcast.version } },
    }),
  );

const reorder = (broadcast: Broadcast, order: string[]) =>
  answerOf(api.PUT("/api/v1/broadcasts/{broadcast_id}/steps/order", { params: { path: pathOf(broadcast) }, body: { version: broadcast.version, order } }));

const change = (broadcast: Broadcast, id: string, edits: StepEdits) =>
  answerOf(
    api.PATCH("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}", {
      params: { path: { ...pathOf(broadcast), step_id: id } },
      body: { version: broadcast.version, ...edits },
    }),
  );

/** Another order, then other times, one after the other. */
export interface Move {
  order: string[];
  times: { id: string; edits: StepEdits }[];
}

async function move(broadcast: Broadcast, { order, times }: Move): Promise<Broadcast> {
  const isSame = broadcast.steps.every(({ id }, index) => order[index] === id);
  let now = isSame ? broadcast : await reorder(broadcast, order);
  for (const { id, edits } of times) now = await change(now, id, edits);
  return now;
}

const newIn = (before: Broadcast, after: Broadcast | null): string | null =>
  after?.steps.find(({ id }) => before.steps.every((known) => known.id !== id))?.id ?? null;

/** `add` and `duplicate` give the id of the new step. */
export function useStepCommands() {
  const { broadcast, act } = useDraft();
  const cache = useQueryClient();
  const settled = () => {
    for (const key of [outlookQuery(broadcast.id).queryKey, ["tracking", broadcast.id]]) void cache.invalidateQueries({ queryKey: key });
  };
  const adding = useMutation({ networkMode: "always", mutationFn: async () => newIn(broadcast, await act(add)), onSettled: settled });
  const removing = useMutation({ networkMode: "always", mutationFn: (id: string) => act((now) => remove(now, id)), onSettled: settled });
  return {
    add: adding,
    /** What stood where it was asked for may be gone by the time the step is there. */
    addStep: (done: (id: string | null) => void) => void adding.mutateAsync().then(done, () => undefined),
    remove: removing,
    removeStep: (id: string, done: () => void) => void removing.mutateAsync(id).then(done, () => undefined),
    duplicate: useMutation({ networkMode: "always", mutationFn: async (id: string) => newIn(broadcast, await act((now) => duplicate(now, id))), onSettled: settled }),
    move: useMutation({ networkMode: "always", mutationFn: (to: Move) => act((now) => move(now, to)), onSettled: settled }),
    change: useMutation({
      networkMode: "always",
      mutationFn: ({ id, edits }: { id: string; edits: StepEdits }) => act((now) => change(now, id, edits)),
      onSettled: settled,
    }),
  };
}

export type StepCommands = ReturnType<typeof useStepCommands>;

/** What this change of a step would do to whom; nothing is changed. */
export function useStepEffects(broadcast: Broadcast) {
  return useMutation({
    networkMode: "always",
    mutationFn: ({ id, edits }: { id: string; edits: StepEdits }) =>
      answerOf(
        api.POST("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/effects", {
          params: { path: { ...pathOf(broadcast), step_id: id } },
          body: { version: broadcast.version, ...edits },
        }),
      ),
  });
}
