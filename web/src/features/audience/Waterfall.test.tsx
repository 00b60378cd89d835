import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import { words } from "@/lib/filter/testWords";
import type { Group, Waterfall as Falls } from "@/api/types";
import { Waterfall } from "./Waterfall";

const filter: Group = {
  match: "all",
  conditions: [
    { field: "metadata.state", operator: "is", value: "TX" },
    { match: "any", conditions: [{ field: "metadata.tags", operator: "has_any_of", value: ["hot"] }, { field: "@sent", operator: "never" }] },
  ],
};

const waterfall: Falls = {
  total: 12_500,
  steps: [
    { pointer: "/conditions/0", left: 3_000, lost: 9_500 },
    { pointer: "/conditions/1", left: 2_900, lost: 100 },
  ],
  matched: 2_900,
  channels: {
    sms: [
      { reason: "no_phone", lost: 0, left: 2_900 },
      { reason: "opted_out", lost: 59, left: 2_841 },
    ],
    email: [{ reason: "no_email", lost: 177, left: 2_723 }],
  },
  freshness: { source: "index", as_of: "2026-11-23T16:12:49Z", reason: null },
};

async function show() {
  const router = createRouter({
    routeTree: createRootRoute({ component: () => <Waterfall waterfall={waterfall} filter={filter} words={words} isStale={false} /> }),
    history: createMemoryHistory({ initialEntries: ["/"] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient()}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  await screen.findByRole("table", { name: "From all contacts to those who match" });
  return { router, user: userEvent.setup() };
}

const rows = (table: string) =>
  within(screen.getByRole("table", { name: table }))
    .getAllByRole("row")
    .slice(1)
    .map((row) => within(row).getAllByRole("cell").map(({ textContent }) => textContent).filter((text) => text !== ""));

test("each condition says how many it takes and how many it leaves", async () => {
  await show();
  expect(rows("From all contacts to those who match")).toEqual([["12,500"], ["−9,500", "3,000"], ["−100", "2,900"], ["2,900"]]);
  expect(screen.getByRole("rowheader", { name: "Tags has any of hot or was not sent any broadcast, ever" })).toBeVisible();
});

test("every number that has people opens its list", async () => {
  const { router, user } = await show();
  await user.click(screen.getByRole("button", { name: "Out at “State is TX”: 9,500, show the people" }));
  expect(router.state.location.search).toEqual({ people: "step.0.lost" });
  await user.click(screen.getByRole("button", { name: "Opted out 59, show the people" }));
  expect(router.state.location.search).toEqual({ people: "opted_out" });
  expect(screen.queryByRole("button", { name: /^No phone number/ })).toBeNull();
});

test("the other channel has its own reasons", async () => {
  const { router, user } = await show();
  await user.click(screen.getByText("Email"));
  expect(rows("From those who match to those whom an email reaches")).toEqual([["2,900"], ["−177", "2,723"], ["2,723"]]);
  await user.click(screen.getByRole("button", { name: "No email address 177, show the people" }));
  expect(router.state.location.search).toEqual({ people: "email.no_email" });
});
