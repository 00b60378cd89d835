/** The builder with the numbers behind its values, and what the server says at its parts. */
import { useMemo } from "react";
import { FacetsContext, facetsFrom, noFacets } from "@/api/facets";
import type { LiveAudience } from "@/api/liveAudience";
import { faultsAt, placeAt } from "@/lib/filter/document";
import type { Fault } from "@/api/types";
import { Builder } from "../Builder";
import type { FilterEditing } from "../useFilterEditing";

interface LiveBuilderProps {
  editing: FilterEditing;
  live: LiveAudience;
  /** Of the last attempt to save. */
  faults?: Fault[];
}

export function LiveBuilder({ editing, live, faults = [] }: LiveBuilderProps) {
  const areStale = live.areFacetsStale || live.connection === "offline";
  const facets = useMemo(() => (live.facets === null ? noFacets : facetsFrom(live.facets, areStale)), [live.facets, areStale]);
  return (
    <FacetsContext value={facets}>
      <Builder editing={editing} faults={faultsAt(editing.places, live.problem?.errors ?? faults)} />
    </FacetsContext>
  );
}

export const isShownAtPart = ({ places }: FilterEditing, live: LiveAudience): boolean =>
  live.problem !== null && live.problem.errors.some(({ pointer }) => placeAt(places, pointer) !== undefined);
