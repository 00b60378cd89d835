import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { beforeEach, expect, test, vi } from "vitest";
import type { AudienceFields, Contact, Group } from "@/api/types";
import { MatchedPeople } from "./MatchedPeople";

const maria: Contact = {
  id: "1", first_name: "Maria", last_name: "Lee", phone_number: "+1 512 555 0100", email: "maria.lee@example.com", left_out: null,
  metadata: {}, columns: { created_at: "2026-11-01T08:30:00+00:00" },
};
const words: AudienceFields = {
  fields: [
    { id: "created_at", label: "Created at", source: "column", type: "date", operators: ["after"], token: "created_at", contacts: 0, kinds: [], note: null },
    { id: "email", label: "Email", source: "column", type: "text", operators: ["is"], token: "email", contacts: 0, kinds: [], note: null },
    { id: "given_name", label: "Given name", source: "column", type: "text", operators: ["after"], token: "given_name", contacts: 0, kinds: [], note: null },
  ],
  operators: [],
};
const by = (...fields: string[]): Group => ({ match: "all", conditions: fields.map((field) => ({ field, operator: "after", value: "x" })) });

interface AskedContacts {
  filter: Group;
  sort?: { field: string; descending: boolean } | null;
  search?: string | null;
  after?: string | null;
}

let asked: AskedContacts[] = [];

beforeEach(() => {
  localStorage.clear();
  asked = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push((await request.clone().json()) as AskedContacts);
    return Response.json({ contacts: [{ ...maria, id: "2", first_name: "Ana" }], next: null });
  });
});

async function show(filter: Group, first: Contact[], isStale = false, address = "/") {
  const page = () => <MatchedPeople filter={filter} words={words} first={first} next={null} total={first.length} isStale={isStale} name="Solar" />;
  const router = createRouter({
    routeTree: createRootRoute({ component: page }),
    history: createMemoryHistory({ initialEntries: [address] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByRole("button", { name: "Export CSV" });
  return { router, user: userEvent.setup() };
}

const heads = () => screen.getAllByRole("columnheader").map(({ textContent }) => textContent);

test("a column of the table is shown when the filter names it", async () => {
  await show(by("created_at"), [maria]);
  expect(screen.getByRole("columnheader", { name: "Created at" })).toBeVisible();
  expect(screen.getByRole("cell", { name: "2026-11-01" })).toBeVisible();
});

test("not when it does not, nor a column that contacts do not carry", async () => {
  await show(by("given_name"), [maria]);
  expect(heads()).toEqual(["Name", "Phone", "Email"]);
});

test("people of an older filter stay, dimmed", async () => {
  await show(by(), [maria], true);
  expect(screen.getByRole("table")).toHaveAttribute("data-stale");
  expect(screen.getByText("maria.lee@example.com")).toBeVisible();
});

test("so does that nobody matched", async () => {
  await show(by(), [], true);
  expect(screen.getByText("Nobody matches").closest("[data-stale]")).not.toBeNull();
});

test("a press on a header sorts up, then down, then as they come; the address says so", async () => {
  const { router, user } = await show(by(), [maria]);
  const head = () => screen.getByRole("columnheader", { name: "Email" });
  await user.click(screen.getByRole("button", { name: "Email" }));
  expect(await screen.findByText("Ana Lee")).toBeVisible();
  expect(asked.at(-1)?.sort).toEqual({ field: "email", descending: false });
  expect(head()).toHaveAttribute("aria-sort", "ascending");
  await user.click(screen.getByRole("button", { name: "Email" }));
  await waitFor(() => expect(asked.at(-1)?.sort).toEqual({ field: "email", descending: true }));
  expect(router.state.location.search).toEqual({ sort: "-email" });
  await user.click(screen.getByRole("button", { name: "Email" }));
  expect(await screen.findByText("Maria Lee")).toBeVisible();
  expect(router.state.location.search).toEqual({});
});

test("a shared address brings the same search and order", async () => {
  await show(by(), [maria], false, "/?q=ana&sort=email");
  expect(screen.getByRole("searchbox", { name: "Search the matched contacts" })).toHaveValue("ana");
  expect(await screen.findByText("Ana Lee")).toBeVisible();
  expect(asked[0]).toMatchObject({ search: "ana", sort: { field: "email", descending: false } });
});

test("columns are chosen and stay chosen on this device", async () => {
  const { user } = await show(by(), [maria]);
  await user.click(screen.getByRole("button", { name: "Columns" }));
  await user.click(screen.getByRole("checkbox", { name: "Phone" }));
  await user.click(screen.getByRole("checkbox", { name: "Created at" }));
  expect(heads()).toEqual(["Name", "Email", "Created at"]);
  expect(JSON.parse(localStorage.getItem("clarion.columns") ?? "")).toEqual(["email", "created_at"]);
});
