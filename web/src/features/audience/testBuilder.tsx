/** The builder as the screens use it, with answers of a made-up server, for tests. */
import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { vi } from "vitest";
import { FacetsContext, noFacets, type Facets } from "@/api/facets";
import { faultsAt, fromFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { sentence } from "@/lib/filter/sentence";
import { words } from "@/lib/filter/testWords";
import type { AudienceFields, Fault, Group } from "@/api/types";
import { Builder } from "./Builder";
import { useFilterEditing } from "./useFilterEditing";

interface Shown {
  filter?: Group;
  faults?: Fault[];
  facets?: Facets;
  isReadOnly?: boolean;
  fields?: AudienceFields;
}

/** Answers by path; a path without one is a server that cannot be reached. */
export type Answers = Record<string, (query: URLSearchParams) => unknown>;

function Page({ filter = { match: "all", conditions: [] }, faults = [], facets = noFacets, isReadOnly = false, fields = words }: Shown) {
  const editing = useFilterEditing({ words: fields, start: () => startHistory(fromFilter(filter)), isReadOnly });
  return (
    <FacetsContext value={facets}>
      <Builder editing={editing} faults={faultsAt(editing.places, faults)} />
      <output aria-label="Sentence">{sentence(editing.filter, fields, editing.nameOf)}</output>
      <output aria-label="Document">{JSON.stringify(editing.filter)}</output>
    </FacetsContext>
  );
}

export function showBuilder(shown: Shown = {}, answers: Answers = {}) {
  const asked: string[] = [];
  vi.stubGlobal("fetch", (input: Request | string) => {
    const url = new URL(typeof input === "string" ? input : input.url, "http://local");
    asked.push(`${url.pathname.replace("/api/v1", "")}${url.search}`);
    const answer = answers[url.pathname.replace("/api/v1", "")];
    return answer === undefined ? Promise.reject(new TypeError("offline")) : Promise.resolve(Response.json(answer(url.searchParams)));
  });
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const view = render(
    // In "test" lists open without a transition.
    <MantineProvider env="test">
      <QueryClientProvider client={cache}>
        <Notifications />
        <Page {...shown} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return {
    ...view,
    user: userEvent.setup(),
    asked,
    said: () => screen.getByRole("status", { name: "Sentence" }).textContent,
    heard: () => view.container.querySelector("[aria-live=assertive]")?.textContent.trim(),
    document: () => JSON.parse(screen.getByRole("status", { name: "Document" }).textContent) as Group,
    box: () => screen.getByRole("combobox", { name: "Add a condition" }),
    handle: (name: string) => screen.getByRole("button", { name: new RegExp(`^Move or change: ${name}`) }),
  };
}
