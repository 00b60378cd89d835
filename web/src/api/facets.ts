/** How many would match each value of a field, given the rest of the filter. */
import { createContext } from "react";

export interface Facet {
  field: string;
  values: { value: unknown; contacts: number }[];
  /** How many values there are beside these. */
  more: number;
  /** Contacts with nothing there. */
  empty: number;
}

/** What the live connection answers when it was asked with `facets`: of the fields that were asked for. */
export interface FacetsAnswer {
  type: "facets";
  id: number;
  took_ms: number;
  fields: Facet[];
  /** All fields that have few values. */
  countable: string[];
}

export interface Facets {
  /** Undefined where nothing was counted: the list of values has its own numbers then. */
  facetsOf: (field: string) => Facet | undefined;
  /** Counted for an older filter than the one on the screen. */
  isStale: boolean;
}

export const noFacets: Facets = { facetsOf: () => undefined, isStale: false };

export function facetsFrom(fields: Facet[], isStale: boolean): Facets {
  const byField = new Map(fields.map((facet) => [facet.field, facet]));
  return { facetsOf: (field) => byField.get(field), isStale };
}

export const FacetsContext = createContext<Facets>(noFacets);
