/** The values of a field: counted within the rest of the filter where that is known, within all contacts otherwise. */
import { useDebouncedValue } from "@mantine/hooks";
import { use } from "react";
import { useFieldValues } from "@/api/audience";
import { FacetsContext, type Facet } from "@/api/facets";
import { inWords, isOffline } from "@/api/problem";
import { plain } from "@/lib/contact";
import { count, countOf } from "@/lib/format";
import type { AudienceField } from "@/api/types";

interface ValueLine {
  text: string;
  contacts?: number;
}

const SEARCH_AFTER_MS = 100;

const has = ({ text }: ValueLine, search: string) => text !== "" && text.toLowerCase().includes(search.toLowerCase());

/** With what is not in the list said behind it. */
function footerOf(facet: Facet | undefined): string | null {
  if (facet === undefined) return null;
  const said = ["Counted with the rest of the filter"];
  if (facet.empty > 0) said.push(`${count(facet.empty)} have nothing here`);
  if (facet.more > 0) said.push(`${countOf(facet.more, "more value")}: type to find`);
  return said.join(" · ");
}

/** A query waits without an error while the browser knows that there is no network. */
function problemOf(error: Error | null, isPaused: boolean): string | null {
  if (isPaused || (error !== null && isOffline(error))) return "Offline: no values to choose from. Typing one still works.";
  return error === null ? null : inWords(error);
}

export function useValues(field: AudienceField, typed: string, isOpen: boolean) {
  const { facetsOf, isStale } = use(FacetsContext);
  const facet = facetsOf(field.id);
  const [search] = useDebouncedValue(typed.trim(), SEARCH_AFTER_MS);
  const isAsked = isOpen && (facet === undefined || (facet.more > 0 && search !== ""));
  const { data, error, isPending, fetchStatus } = useFieldValues(field.id, search, isAsked);

  const counted = (facet?.values ?? []).map(({ value, contacts }): ValueLine => ({ text: plain(value), contacts }));
  const known = new Set(counted.map(({ text }) => text));
  const others = (isAsked ? (data?.values ?? []) : [])
    .map(({ value, contacts }): ValueLine => (facet === undefined ? { text: plain(value), contacts } : { text: plain(value) }))
    .filter(({ text }) => !known.has(text));
  return {
    values: [...counted.filter((line) => has(line, typed.trim())), ...others.filter(({ text }) => text !== "")],
    isStale: isStale && facet !== undefined,
    isWaiting: isAsked && isPending,
    problem: isAsked ? problemOf(error, fetchStatus === "paused") : null,
    footer: footerOf(facet),
  };
}
