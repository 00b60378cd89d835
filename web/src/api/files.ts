/** Files that go along with the email of a step. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";

interface Place {
  broadcast: string;
  step: string;
}

const keyOf = ({ step }: Place) => ["step-files", step];
const pathOf = ({ broadcast, step }: Place) => ({ broadcast_id: broadcast, step_id: step });

export const useStepFiles = (place: Place) =>
  useQuery({
    queryKey: keyOf(place),
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/files", { params: { path: pathOf(place) }, signal })),
  });

const upload = (place: Place, file: File) =>
  answerOf(
    api.POST("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/files", {
      params: { path: pathOf(place), query: { name: file.name } },
      headers: { "Content-Type": file.type === "" ? "application/octet-stream" : file.type },
      // The generator knows a file as text; what is sent is the file.
      body: "",
      bodySerializer: () => file,
    }),
  );

export function useUploadStepFile(place: Place) {
  const cache = useQueryClient();
  return useMutation({ mutationFn: (file: File) => upload(place, file), onSettled: () => cache.invalidateQueries({ queryKey: keyOf(place) }) });
}

export function useRemoveStepFile(place: Place) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (id: string) =>
      answerOf(api.DELETE("/api/v1/broadcasts/{broadcast_id}/steps/{step_id}/files/{file_id}", { params: { path: { ...pathOf(place), file_id: id } } })),
    onSettled: () => cache.invalidateQueries({ queryKey: keyOf(place) }),
  });
}
