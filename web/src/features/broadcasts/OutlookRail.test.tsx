import { MantineProvider } from "@mantine/core";
import { createMemoryHistory, createRootRoute, createRouter, RouterProvider } from "@tanstack/react-router";
import { render, screen } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test } from "vitest";
import type { Outlook } from "@/api/types";
import { outlookLine, outlookShort, OutlookRail } from "./OutlookRail";

const soon = new Date(Date.now() + 2_000).toISOString();
const outlook: Outlook = {
  type: "outlook", version: 3, matched: 12_719, will_send: 12_408, left_out: [{ reason: "opted_out", contacts: 311 }],
  channels: [{ channel: "sms", reachable: 12_408, left_out: [{ reason: "opted_out", contacts: 311 }] }], messages: [{ channel: "sms", messages: 12_408 }], steps: [],
  segments: 12_408, shares: [{ segments: 1, recipients: 12_408 }], encoding: "GSM-7", cost: { amount: "98.40", currency: "USD" },
  exact: false, measured: 2_000, missing_tokens: [], starts_at: soon, done_at: soon, hours_note: null, audience_mode: "saved_when_scheduled", note: null, problems: [],
};

async function show(over: Partial<Outlook> = {}, isStale = false) {
  const root = createRootRoute({ component: () => <OutlookRail outlook={{ ...outlook, ...over }} broadcastId="b1" isStale={isStale} /> });
  const router = createRouter({ routeTree: root, history: createMemoryHistory({ initialEntries: ["/"] }) });
  render(
    <MantineProvider>
      <RouterProvider router={router} />
    </MantineProvider>,
  );
  await screen.findByText("will send");
  return router;
}

test("the rail says how many, who not, for how much and until when", async () => {
  await show();
  expect(screen.getByRole("button", { name: "will send 12,408 SMS, show the people" })).toHaveTextContent("12,408 SMS");
  expect(screen.getByRole("button", { name: "311 left out, show the reasons" })).toBeVisible();
  expect(screen.getByText("about $98.40")).toBeVisible();
  expect(screen.getByText("The cost is estimated from 2,000 messages.")).toBeVisible();
  expect(screen.getByText("Ready to review and send")).toBeVisible();
});

test("an exact cost is not called about", async () => {
  await show({ exact: true });
  expect(screen.getByText("$98.40")).toBeVisible();
});

test("what is missing leads to the step at which it is mended", async () => {
  await show({ problems: [{ step: "compose", pointer: "/body", detail: "Write a message.", of_step: null }] });
  expect(screen.getByRole("link", { name: "Write a message." })).toHaveAttribute("href", "/broadcasts/b1/compose");
  expect(screen.queryByText("Ready to review and send")).toBeNull();
});

test("old numbers are marked, not taken away", async () => {
  await show({}, true);
  expect(screen.getByText("12,408")).toHaveAttribute("data-stale");
});

test("a number opens its people by the address", async () => {
  const router = await show();
  await userEvent.click(screen.getByRole("button", { name: /left out/ }));
  expect(router.state.location.search).toEqual({ people: "left_out" });
});

test("the foot of a phone says it in one line", () => {
  expect(outlookLine(outlook)).toMatch(/^12,408 SMS · 311 left out · about \$98\.40 · done by /);
  expect(outlookShort({ ...outlook, segments: 0, left_out: [] })).toMatch(/^12,408 SMS · \d+:\d\d$/);
});

test("what the sending hours do to it is said, and a time that is not known is not made up", async () => {
  await show({ done_at: null, hours_note: "It will pause at 21:00 and go on at 8:00 on Wed 25 Nov." });
  expect(screen.getByText("It will pause at 21:00 and go on at 8:00 on Wed 25 Nov.")).toBeVisible();
  expect(screen.getByText("takes more than a year")).toBeVisible();
  const problems: Outlook["problems"] = [{ step: "type", pointer: "/", detail: "Set a sender up.", of_step: null }];
  expect(outlookLine({ ...outlook, done_at: null, problems })).toMatch(/ · end not known yet$/);
});
