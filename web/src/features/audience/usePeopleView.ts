/** How the matched people are searched and sorted: part of the address. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { SortBy } from "@/api/audience";

export function readSort(text: string | undefined): SortBy | null {
  if (text === undefined || text === "" || text === "-") return null;
  return text.startsWith("-") ? { field: text.slice(1), descending: true } : { field: text, descending: false };
}

const written = ({ field, descending }: SortBy) => (descending ? `-${field}` : field);

/** Up, then down, then as they come. */
export function nextSort(sort: SortBy | null, field: string): SortBy | null {
  if (sort?.field !== field) return { field, descending: false };
  return sort.descending ? null : { field, descending: true };
}

export function usePeopleView() {
  const navigate = useNavigate();
  const { q = "", sort }: { q?: string; sort?: string } = useSearch({ strict: false });
  const go = (to: { q?: string | undefined; sort?: string | undefined }) => {
    void navigate({ to: ".", search: (before) => ({ ...before, ...to }), replace: true, resetScroll: false });
  };
  return {
    search: q,
    sort: readSort(sort),
    setSearch: (next: string) => go({ q: next === "" ? undefined : next }),
    setSort: (next: SortBy | null) => go({ sort: next === null ? undefined : written(next) }),
  };
}
