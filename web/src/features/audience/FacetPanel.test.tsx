import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { Facet } from "@/api/facets";
import { fromFilter } from "@/lib/filter/document";
import { startHistory } from "@/lib/filter/history";
import { words } from "@/lib/filter/testWords";
import type { Group } from "@/api/types";
import { FacetPanel } from "./FacetPanel";
import { useFilterEditing } from "./useFilterEditing";

const counted = (field: string, ...values: [string, number][]): Facet => ({
  field,
  values: values.map(([value, contacts]) => ({ value, contacts })),
  more: 0,
  empty: 3,
});

const facets: Facet[] = [
  counted("metadata.state", ["TX", 3_074], ["CA", 1_859], ["FL", 20], ["AZ", 9], ["CO", 8], ["WA", 7], ["NV", 2]),
  counted("metadata.lead_source", ["Referral", 5]),
  counted("metadata.customer", ["true", 4], ["false", 1]),
];

const onLook = vi.fn<(fields: string[]) => void>();

function Page({ filter, of }: { filter: Group; of: Facet[] | null }) {
  const editing = useFilterEditing({ words, start: () => startHistory(fromFilter(filter)), isReadOnly: false });
  return (
    <>
      <FacetPanel editing={editing} words={words} facets={of} countable={of === null ? null : facets.map(({ field }) => field)} isStale={false} onLook={onLook} />
      <output aria-label="Document">{JSON.stringify(editing.filter.conditions)}</output>
    </>
  );
}

function show(filter: Group = { match: "all", conditions: [] }, of: Facet[] | null = facets) {
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <Page filter={filter} of={of} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { user: userEvent.setup(), said: () => JSON.parse(screen.getByRole("status", { name: "Document" }).textContent) as unknown };
}

const value = (name: string) => screen.getByRole("button", { name });

beforeEach(() => localStorage.clear());

test("a click on a value makes a condition of it, marks it, and keeps the focus; another click takes it back", async () => {
  const { user, said } = show();
  await user.click(value("TX, 3,074 contacts"));
  expect(said()).toEqual([{ field: "metadata.state", operator: "is", value: "TX" }]);
  expect(value("TX, 3,074 contacts")).toHaveAttribute("aria-pressed", "true");
  expect(value("TX, 3,074 contacts")).toHaveFocus();
  await user.click(value("CA, 1,859 contacts"));
  expect(said()).toEqual([{ field: "metadata.state", operator: "is_one_of", value: ["TX", "CA"] }]);
  await user.click(value("TX, 3,074 contacts"));
  await user.click(value("CA, 1,859 contacts"));
  expect(said()).toEqual([]);
});

test("the most frequent values are shown, the chosen one too however few have it, the rest on demand", async () => {
  const { user } = show({ match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "NV" }] });
  const state = screen.getByRole("region", { name: "State" });
  const names = () => within(state).getAllByRole("listitem").map(({ textContent }) => textContent);
  expect(names()).toEqual(["TX3,074", "CA1,859", "FL20", "AZ9", "CO8", "NV2"]);
  await user.click(within(state).getByRole("button", { name: "1 more" }));
  expect(names()).toHaveLength(7);
  expect(within(state).getByText("3 have none")).toBeVisible();
});

test("a field is folded and other fields are chosen; both are remembered on this device", async () => {
  const { user } = show();
  expect(screen.queryByRole("region", { name: "Customer" })).toBeNull();
  await user.click(screen.getByRole("button", { name: "State" }));
  expect(screen.queryByRole("button", { name: /^TX/ })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Fields" }));
  await user.click(screen.getByRole("checkbox", { name: "Customer" }));
  expect(value("Yes, 4 contacts")).toBeVisible();
  expect(JSON.parse(localStorage.getItem("clarion.facets") ?? "")).toMatchObject({ closed: ["metadata.state"] });
});

test("only the fields in sight are counted: those that are unfolded, while the panel is", async () => {
  const { user } = show();
  expect(onLook.mock.lastCall).toEqual([["metadata.state", "metadata.lead_source"]]);
  await user.click(screen.getByRole("button", { name: "State" }));
  expect(onLook.mock.lastCall).toEqual([["metadata.lead_source"]]);
  await user.click(screen.getByRole("button", { name: "Where they are" }));
  expect(onLook.mock.lastCall).toEqual([[]]);
});

test("a field that is not counted yet has its place", () => {
  show(undefined, facets.slice(1));
  expect(screen.getByRole("button", { name: "State" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /^TX/ })).toBeNull();
  expect(value("Referral, 5 contacts")).toBeVisible();
});

test("where any condition is enough a click would widen: the values are told, not offered", () => {
  const one = { field: "metadata.state", operator: "is", value: "TX" };
  show({ match: "any", conditions: [one, { ...one, value: "CA" }] });
  expect(screen.queryByRole("button", { name: /^TX/ })).toBeNull();
  expect(screen.getByText("3,074")).toBeVisible();
  expect(screen.getByText(/Choose “All”/)).toBeVisible();
});

test("what cannot be counted yet is said", () => {
  show(undefined, null);
  expect(screen.getByText(/as soon as the contacts are read into memory/)).toBeVisible();
});
