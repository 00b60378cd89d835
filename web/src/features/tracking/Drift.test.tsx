import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { Broadcast, Drift as Moved, Tracking } from "@/api/types";
import { Drift } from "./Drift";

const withMode = (send_mode: "now" | "later"): Broadcast => ({
  ...aBroadcast, status: "scheduled", steps: aBroadcast.steps.map((step) => ({ ...step, status: "scheduled", send_mode })),
});
const scheduled = withMode("later");
const saved = { state: "saved", saved: 753, expected: null, saved_at: "2026-11-23T16:34:00Z", note: null } as const;

const tracking = (saving: Tracking["saving"]): Tracking => ({ ...aTracking, saving });

const moved: Moved = { saved_at: saved.saved_at, saved: 753, joined: 12, left: 5, changed_number: 0, compared_at: "2026-11-23T17:00:00Z" };

test("each number of what has changed opens its people, and the audience is saved anew", async () => {
  const left = { contact_id: "7", name: "Inés Pérez", saved_address: "+17135551913", address: null, deleted: true };
  const { user, router, requests } = showStep(<Drift tracking={tracking(saved)} />, scheduled, {
    "GET /broadcasts/b1/drift": () => moved,
    "POST /broadcasts/b1/drift/contacts": () => ({ contacts: [left], next: null }),
    "POST /broadcasts/b1/audience/renew": () => ({ ...scheduled, version: 4 }),
  });
  expect(await screen.findByText("12 joined")).toBeVisible();
  expect(screen.queryByText(/changed their number/)).toBeNull();
  await user.click(screen.getByRole("button", { name: "5 left, show the people" }));
  const row = within(await screen.findByRole("dialog")).getByRole("row", { name: /Inés Pérez/ });
  expect(row).toHaveTextContent("+17135551913Contact deleted");
  expect(router.state.location.search).toEqual({ drift: "left" });
  await user.keyboard("{Escape}");
  await user.click(await screen.findByRole("button", { name: "Save the audience anew" }));
  expect(requests.some(({ path }) => path === "/broadcasts/b1/audience/renew")).toBe(true);
});

test("when nothing has moved that is said, and there is nothing to save anew", async () => {
  showStep(<Drift tracking={tracking(saved)} />, scheduled, { "GET /broadcasts/b1/drift": () => ({ ...moved, joined: 0, left: 0 }) });
  expect(await screen.findByText(/Nothing has changed: the 753 saved people/)).toBeVisible();
  expect(screen.queryByRole("button")).toBeNull();
});

test("where the people are found at the time of sending, that is said with today's number", async () => {
  const { requests } = showStep(<Drift tracking={tracking({ ...saved, state: "none", saved: 0, expected: 1_234 })} />, { ...scheduled, audience_mode: "resolved_at_send" });
  expect(await screen.findByText(/found when it is sent, Wed 25 Nov.* 15:00\. 1,234 match now\./)).toBeVisible();
  expect(requests).toEqual([]);
});

test("a broadcast that is sent at once compares nothing", async () => {
  const { requests } = showStep(<><p>Tracking</p><Drift tracking={tracking(saved)} /></>, withMode("now"), { "GET /broadcasts/b1/drift": () => moved });
  expect(await screen.findByText("Tracking")).toBeVisible();
  expect(requests).toEqual([]);
});

test("paused before it began, it is compared all the same", async () => {
  showStep(<Drift tracking={{ ...tracking(saved), status: "paused" }} />, withMode("now"), { "GET /broadcasts/b1/drift": () => moved });
  expect(await screen.findByText("12 joined")).toBeVisible();
});
