/** Broadcasts and segments by name: a filter holds their ids. */
import { keepPreviousData, queryOptions, useQueries, useQuery } from "@tanstack/react-query";
import { conditionsIn } from "@/lib/filter/document";
import type { NameOf } from "@/lib/filter/sentence";
import { namedBy } from "@/lib/filter/words";
import { answerOf, api } from "./client";
import type { components } from "./schema";
import type { BroadcastStatus, Group } from "./types";

type Segment = components["schemas"]["Segment"];

export type NamedKind = "broadcast" | "segment";

export interface Named {
  id: string;
  name: string;
  /** People of a segment, when they were counted. */
  contacts?: number;
  /** When the broadcast began. */
  at?: string;
}

const LISTED = 20;
/** A draft was sent to nobody. */
const launched: BroadcastStatus[] = ["scheduled", "sending", "paused", "completed", "cancelled", "failed"];

const ofSegment = ({ id, name, contacts }: Segment): Named => ({ id, name, ...(contacts === null ? {} : { contacts }) });

async function searched(kind: NamedKind, search: string, signal: AbortSignal): Promise<Named[]> {
  if (kind === "segment") {
    const { segments } = await answerOf(api.GET("/api/v1/segments", { params: { query: { search, limit: LISTED } }, signal }));
    return segments.map(ofSegment);
  }
  const query = { search, status: launched, limit: LISTED };
  const { broadcasts } = await answerOf(api.GET("/api/v1/broadcasts", { params: { query }, signal }));
  return broadcasts.map(({ id, name, launched_at: at }) => ({ id, name: name || "Untitled broadcast", ...(at === null ? {} : { at }) }));
}

async function one(kind: NamedKind, id: string, signal: AbortSignal): Promise<Named> {
  if (kind === "segment") {
    return ofSegment(await answerOf(api.GET("/api/v1/segments/{segment_id}", { params: { path: { segment_id: id } }, signal })));
  }
  const { name } = await answerOf(api.GET("/api/v1/broadcasts/{broadcast_id}", { params: { path: { broadcast_id: id } }, signal }));
  return { id, name: name || "Untitled broadcast" };
}

export const namedQuery = (kind: NamedKind, search: string) =>
  queryOptions({
    queryKey: ["named", kind, "search", search],
    queryFn: ({ signal }) => searched(kind, search, signal),
    staleTime: 30_000,
  });

export const useNamed = (kind: NamedKind, search: string, isWanted: boolean) =>
  useQuery({ ...namedQuery(kind, search), enabled: isWanted, placeholderData: keepPreviousData });

const oneQuery = (kind: NamedKind, id: string) =>
  queryOptions({ queryKey: ["named", kind, "one", id], queryFn: ({ signal }) => one(kind, id, signal), staleTime: 60_000 });

interface Used {
  kind: NamedKind;
  id: string;
}

function usedIn(filter: Group): Used[] {
  const all = conditionsIn(filter).flatMap(({ field, operator, value }): Used[] => {
    const kind = namedBy(field, operator);
    return kind === undefined || !Array.isArray(value) ? [] : value.map((id) => ({ kind, id: String(id) }));
  });
  return [...new Map(all.map((each) => [`${each.kind} ${each.id}`, each])).values()];
}

/** The names of what a filter speaks of; those that were chosen here are known at once. */
export function useNames(filter: Group): NameOf {
  const used = usedIn(filter);
  const found = useQueries({ queries: used.map(({ kind, id }) => oneQuery(kind, id)) });
  return (kind, id) => found[used.findIndex((each) => each.kind === kind && each.id === id)]?.data?.name;
}

/** What was seen in a list needs no request of its own. */
export const nameKey = (kind: NamedKind, id: string) => oneQuery(kind, id).queryKey;
