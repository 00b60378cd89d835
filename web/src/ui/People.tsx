/** Whose list or which person is open beside the screen: it is part of the address, so it can be shared and Back closes it. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { isPeople, type People } from "@/lib/people";

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

/** One contact, and why it is in the audience or not; `check` is the search for anybody. */
export function usePerson() {
  const navigate = useNavigate();
  const search: { person?: string; check?: true } = useSearch({ strict: false });
  const go = (to: { person?: string; check?: true }) => {
    void navigate({
      to: ".",
      search: (before) => ({ ...before, person: undefined, check: undefined, ...to }),
      resetScroll: false,
    });
  };
  const isChecking = search.check === true;
  return {
    person: search.person ?? null,
    isChecking,
    openPerson: (id: string | null) => go({ ...(id === null ? {} : { person: id }), ...(isChecking ? { check: true } : {}) }),
    openCheck: () => go({ check: true }),
    close: () => go({}),
  };
}
