/** What the search box offers: at once from what is known, more when the server has looked through the values. */
import { useDebouncedValue } from "@mantine/hooks";
import { useQueries } from "@tanstack/react-query";
import { use } from "react";
import { fieldValuesQuery } from "@/api/audience";
import { FacetsContext } from "@/api/facets";
import { namedQuery, type Named } from "@/api/named";
import { isOffline } from "@/api/problem";
import { plain } from "@/lib/contact";
import { lookups, suggest, type KnownValue } from "@/lib/filter/suggest";
import { namedBy } from "@/lib/filter/words";
import type { AudienceField } from "@/api/types";
import { useEditing } from "./catalogue";

const SEARCH_AFTER_MS = 120;

const kindOf = ({ id }: AudienceField) => namedBy(id, "in_broadcast");

const ofNamed = ({ id, name, contacts }: Named): KnownValue => ({ value: id, name, ...(contacts === undefined ? {} : { contacts }) });

export function useOffers(typed: string, isOpen: boolean) {
  const { words } = useEditing();
  const { facetsOf } = use(FacetsContext);
  const [search] = useDebouncedValue(typed, SEARCH_AFTER_MS);
  const isCounted = (field: AudienceField) => facetsOf(field.id)?.more === 0;
  const wanted = isOpen ? lookups(search, words).filter(({ field }) => !isCounted(field)) : [];
  const values = wanted.filter(({ field }) => kindOf(field) === undefined);
  const named = wanted.filter(({ field }) => kindOf(field) !== undefined);
  const ofValues = useQueries({ queries: values.map(({ field, search: text }) => fieldValuesQuery(field.id, text)) });
  const ofNames = useQueries({ queries: named.map(({ field, search: text }) => namedQuery(kindOf(field) ?? "segment", text)) });

  const valuesOf = (field: string): KnownValue[] => {
    const counted = facetsOf(field)?.values ?? [];
    const seen = new Set(counted.map(({ value }) => plain(value)));
    // Where the rest of the filter was counted, a number that ignores it would mislead.
    const others = (ofValues[values.findIndex((each) => each.field.id === field)]?.data?.values ?? [])
      .filter(({ value }) => !seen.has(plain(value)))
      .map(({ value, contacts }) => (counted.length > 0 ? { value } : { value, contacts }));
    const names = ofNames[named.findIndex((each) => each.field.id === field)]?.data ?? [];
    return [...counted, ...others, ...names.map(ofNamed)];
  };

  const all = [...ofValues, ...ofNames];
  return {
    offers: suggest(typed, words, valuesOf),
    nameOfValue: (id: unknown) => ofNames.flatMap(({ data }) => data ?? []).find((each) => each.id === id)?.name,
    isWaiting: typed !== search || all.some(({ isPending }) => isPending),
    isOffline: all.some(({ error, fetchStatus }) => fetchStatus === "paused" || (error !== null && isOffline(error))),
  };
}
