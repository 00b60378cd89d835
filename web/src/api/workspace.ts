/** What is set for all broadcasts of the workspace. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import type { WorkspaceChange } from "./types";

const settings = queryOptions({
  queryKey: ["workspace"],
  queryFn: ({ signal }) => answerOf(api.GET("/api/v1/workspace", { signal })),
});

export const useWorkspaceSettings = () => useQuery(settings);

export function useChangeWorkspace() {
  const cache = useQueryClient();
  return useMutation({
    networkMode: "always",
    mutationFn: (body: WorkspaceChange) => answerOf(api.PATCH("/api/v1/workspace", { body })),
    onSuccess: (saved) => {
      cache.setQueryData(settings.queryKey, saved);
      for (const key of ["me", "outlook", "tracking"]) void cache.invalidateQueries({ queryKey: [key] });
    },
  });
}
