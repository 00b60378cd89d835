import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen } from "@testing-library/react";
import { expect, test } from "vitest";
import type { AudienceFields, Contact, Group } from "@/api/types";
import { MatchedPeople } from "./MatchedPeople";

const maria: Contact = {
  id: "1", first_name: "Maria", last_name: "Lee", phone_number: "+1 512 555 0100", email: "maria.lee@example.com", left_out: null,
  metadata: {}, columns: { created_at: "2026-11-01T08:30:00+00:00" },
};
const words: AudienceFields = {
  fields: [
    { id: "created_at", label: "Created at", source: "column", type: "date", operators: ["after"], token: "created_at", contacts: 0 },
    { id: "given_name", label: "Given name", source: "column", type: "text", operators: ["after"], token: "given_name", contacts: 0 },
  ],
  operators: [],
};
const by = (...fields: string[]): Group => ({ match: "all", conditions: fields.map((field) => ({ field, operator: "after", value: "x" })) });

function show(filter: Group, first: Contact[], isStale = false) {
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <MatchedPeople filter={filter} words={words} first={first} next={null} total={first.length} isStale={isStale} />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

test("a column of the table is shown when the filter names it", () => {
  show(by("created_at"), [maria]);
  expect(screen.getByRole("columnheader", { name: "Created at" })).toBeVisible();
  expect(screen.getByRole("cell", { name: "2026-11-01" })).toBeVisible();
});

test("not when it does not, nor a column that contacts do not carry", () => {
  show(by("given_name"), [maria]);
  expect(screen.getAllByRole("columnheader").map(({ textContent }) => textContent)).toEqual(["Name", "Phone", "Email"]);
});

test("people of an older filter stay, dimmed", () => {
  show(by(), [maria], true);
  expect(screen.getByRole("table")).toHaveAttribute("data-stale");
  expect(screen.getByText("maria.lee@example.com")).toBeVisible();
});

test("so does that nobody matched", () => {
  show(by(), [], true);
  expect(screen.getByText("Nobody matches").closest("[data-stale]")).not.toBeNull();
});
