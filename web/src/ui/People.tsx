/** Whose list is open beside the screen: it is part of the address, so it can be shared and Back closes it. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { isLeftOut } from "@/lib/reasons";
import type { LeftOut } from "@/api/types";

export type People = "matched" | "reachable" | "left_out" | LeftOut;

export const isPeople = (value: unknown): value is People =>
  value === "matched" || value === "reachable" || value === "left_out" || isLeftOut(value);

export function usePeople() {
  const navigate = useNavigate();
  const search: { people?: unknown } = useSearch({ strict: false });
  return {
    people: isPeople(search.people) ? search.people : null,
    open: (people: People | null) => {
      void navigate({
        to: ".",
        search: (before) => ({ ...before, people: people ?? undefined }),
        resetScroll: false,
      });
    },
  };
}
