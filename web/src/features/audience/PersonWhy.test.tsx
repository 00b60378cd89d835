import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { words } from "@/lib/filter/testWords";
import { aBroadcast, showStep } from "@/testDraft";
import type { Group, Why } from "@/api/types";
import { PersonWhy } from "./PersonWhy";

const filter: Group = {
  match: "all",
  conditions: [
    { field: "metadata.state", operator: "is", value: "TX" },
    { match: "none", conditions: [{ field: "metadata.tags", operator: "has_any_of", value: ["cold"] }] },
  ],
};

const why = (change: Partial<Why>): Why => ({
  matches: false,
  conditions: [
    { pointer: "", met: false, value: null },
    { pointer: "/conditions/0", met: true, value: "TX" },
    { pointer: "/conditions/1", met: false, value: null },
    { pointer: "/conditions/1/conditions/0", met: true, value: ["cold", "call back"] },
  ],
  sms: { reachable: false, reason: null, kept_by: null },
  email: { reachable: false, reason: "no_email", kept_by: null },
  ...change,
});

test("each condition says whether it is met, what the contact holds, and what keeps it out", async () => {
  showStep(<PersonWhy filter={filter} why={why({})} words={words} />, aBroadcast);
  expect(await screen.findByText("Not in the audience")).toBeVisible();
  expect(screen.getByText("Met · holds TX")).toBeVisible();
  expect(screen.getByText("Met, which keeps them out · holds cold, call back")).toBeVisible();
  expect(screen.getByText("SMS: could be reached, but does not match")).toBeVisible();
  expect(screen.getByText("The contact has no email address.")).toBeVisible();
});

test("who keeps a shared number is a link to that person", async () => {
  const sms: Why["sms"] = { reachable: false, reason: "duplicate_number", kept_by: { id: "42", name: "Ana Díaz" } };
  const { user, router } = showStep(<PersonWhy filter={filter} why={why({ matches: true, sms })} words={words} />, aBroadcast);
  await user.click(await screen.findByRole("button", { name: "Ana Díaz" }));
  expect(router.state.location.search).toEqual({ person: "42" });
});
