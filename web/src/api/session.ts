/** Signing in with the token of a link, signing out, and who is here. */
import { queryOptions, useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { answerOf, api } from "./client";
import { signedOut } from "./signedOut";

const me = queryOptions({
  queryKey: ["me"],
  queryFn: ({ signal }) => answerOf(api.GET("/api/v1/me", { signal })),
  staleTime: 5 * 60_000,
});

export const useMe = () => useQuery(me);

export function useSignIn() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: (token: string) => answerOf(api.POST("/api/v1/session", { body: { token } })),
    onSuccess: async () => {
      signedOut.set(false);
      await cache.resetQueries();
    },
  });
}

export function useSignOut() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE("/api/v1/session")),
    onSuccess: () => {
      cache.clear();
      signedOut.set(true);
    },
  });
}
