/** Files of contacts: asked for, followed over every page of this tab, and taken. */
import { useMutation, useQuery, useQueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { answerOf, api } from "./client";
import type { Export, Group } from "./types";

const KEY = "clarion.exports";
const LOOK_MS = 700;

/** What this tab has asked for: the server knows the rest. */
export interface Asked {
  id: string;
  name: string;
}

function read(): Asked[] {
  try {
    const kept: unknown = JSON.parse(sessionStorage.getItem(KEY) ?? "[]");
    return Array.isArray(kept) ? kept.filter((each): each is Asked => typeof each === "object" && each !== null && "id" in each && "name" in each) : [];
  } catch {
    return [];
  }
}

let asked = read();
const listeners = new Set<() => void>();

function keep(next: Asked[]) {
  asked = next;
  try {
    sessionStorage.setItem(KEY, JSON.stringify(next));
  } catch {
    // Without storage the exports are forgotten with the page.
  }
  listeners.forEach((tell) => tell());
}

const subscribe = (tell: () => void) => {
  listeners.add(tell);
  return () => listeners.delete(tell);
};

export const useAskedExports = (): Asked[] => useSyncExternalStore(subscribe, () => asked);

export const forgetExport = (id: string) => keep(asked.filter((each) => each.id !== id));

export const isUnderWay = ({ status }: Pick<Export, "status">) => status === "waiting" || status === "running";

const path = (id: string) => ({ params: { path: { export_id: id } } });

export const fileOf = (id: string) => `/api/v1/exports/${encodeURIComponent(id)}/file`;

export const useExport = (id: string) =>
  useQuery({
    queryKey: ["export", id],
    queryFn: ({ signal }) => answerOf(api.GET("/api/v1/exports/{export_id}", { ...path(id), signal })),
    refetchInterval: ({ state }) => (state.data !== undefined && !isUnderWay(state.data) ? false : LOOK_MS),
    refetchIntervalInBackground: true,
  });

export function useStartExport() {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: ({ filter }: { filter: Group; name: string }) => answerOf(api.POST("/api/v1/exports", { body: { filter, excel: true } })),
    onSuccess: (made, { name }) => {
      cache.setQueryData(["export", made.id], made);
      keep([...asked, { id: made.id, name }]);
    },
  });
}

export function useCancelExport(id: string) {
  const cache = useQueryClient();
  return useMutation({
    mutationFn: () => answerOf(api.DELETE("/api/v1/exports/{export_id}", path(id))),
    onSuccess: (cancelled) => cache.setQueryData(["export", id], cancelled),
    // It may have ended a moment before.
    onError: () => void cache.invalidateQueries({ queryKey: ["export", id] }),
  });
}
