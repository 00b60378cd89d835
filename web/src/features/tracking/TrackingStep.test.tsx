import { screen, within } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { Broadcast, Tracking } from "@/api/types";
import { TrackingStep } from "./TrackingStep";

async function open(tracking: Partial<Tracking>, broadcast: Partial<Broadcast> = {}) {
  const status = tracking.status ?? "sending";
  const shown = showStep(<TrackingStep />, { ...aBroadcast, status, ...broadcast }, {
    "GET /broadcasts/b1/tracking": () => ({ ...aTracking, status, starts_at: null, ...tracking }),
    "GET /broadcasts/b1/messages": () => ({ messages: [], next: null }),
    "POST /broadcasts/b1/resume": () => ({ ...aBroadcast, status: "sending" }),
  });
  await screen.findByRole("group", { name: "Messages by status" });
  return shown;
}

const tile = (name: RegExp) => screen.queryByRole("button", { name });

test("the four numbers stand first, of the others only those that there are", async () => {
  await open({ recipients: 100, delivered: 90, failed: 3, uncertain: 2, no_receipt: 1 });
  const names = within(screen.getByRole("group", { name: "Messages by status" })).getAllByRole("button").map((each) => each.textContent);
  expect(names).toEqual([
    "Recipients 100", "Delivered 90", "Failed 3", "Pending 0", "On the way 0",
    "Uncertain 2 The answer was lost. Clarion asks the provider before anything else.",
    "Sent, no receipt 1 The provider has sent it; the carrier never confirmed that it arrived.",
  ]);
});

test("of those that are pending it says how many are tried again", async () => {
  await open({ recipients: 20, pending: 14, retrying: 12 });
  expect(tile(/^Pending 14$/)).toBeVisible();
  expect(screen.getByText("12 messages are tried again later")).toBeVisible();
});

const ahead = { recipients: 20, pending: 12, rate_per_second: 200, done_at: "2026-11-25T15:00:00Z" };

test("while it is sent it says at which pace, and when it will be done", async () => {
  await open({ ...ahead, retrying: 11 });
  expect(screen.getByText("200 per second")).toBeVisible();
  expect(screen.getByText(/^done by/)).toBeVisible();
});

test("while nothing but further tries is left, no pace is told, and the end is that of the last one", async () => {
  await open({ ...ahead, rate_per_second: 0, retrying: 12 });
  expect(screen.getByText("12 messages are tried again later")).toBeVisible();
  expect(screen.queryByText(/per second/)).toBeNull();
  expect(screen.getByText(/^done by/)).toBeVisible();
});

test("while failed messages are put back it says how many are left", async () => {
  await open({ recipients: 20, failed: 9, to_retry: 1 });
  expect(screen.getByText("1 failed message is still to be sent again")).toBeVisible();
});

test("a number opens its list", async () => {
  const asked: string[] = [];
  const { user, router } = await open({ recipients: 4, unknown: 4 });
  const plain = globalThis.fetch;
  vi.stubGlobal("fetch", (request: Request) => {
    asked.push(new URL(request.url).search);
    return plain(request);
  });
  await user.click(screen.getByRole("button", { name: /^Unknown 4/ }));
  expect(router.state.location.search).toEqual({ show: "unknown" });
  expect(await screen.findByRole("heading", { name: "Unknown messages" })).toBeVisible();
  expect(asked.some((search) => search.includes("status=unknown"))).toBe(true);
});

test("stopped by itself: why, what to do, and the two ways on beside it", async () => {
  const problem = "Stopped by itself: 38% failed, most of them with “Filtered” (30007).";
  const { user, requests } = await open({ status: "paused", paused_by: "failure_rate", pending: 1_204 }, { problem, paused_by: "failure_rate" });
  const alert = screen.getByRole("alert");
  expect(alert).toHaveTextContent("Too many messages failed");
  expect(alert).toHaveTextContent(problem);
  expect(alert).toHaveTextContent("1,204 messages wait.");
  expect(screen.getAllByRole("button", { name: "Resume" })).toHaveLength(1);
  expect(within(alert).getByRole("button", { name: "Cancel" })).toBeVisible();
  await user.click(within(alert).getByRole("button", { name: "Resume" }));
  expect(requests.some(({ path }) => path === "/broadcasts/b1/resume")).toBe(true);
});

test("a person's pause is called one", async () => {
  await open({ status: "paused", paused_by: "person", pending: 12 });
  expect(screen.getByText("Somebody paused it. Nothing leaves until it is resumed; 12 wait.")).toBeVisible();
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByRole("button", { name: "Resume" })).toBeVisible();
});

test("why nothing leaves now is said, with the time on your clock where it is another", async () => {
  await open({ waiting_note: "Outside of the sending hours (08:00 to 21:00 in America/Chicago).", waits_until: "2026-11-25T14:00:00Z" });
  expect(screen.getByText(/^Outside of the sending hours .* That is Wed 25 Nov.* 14:00 where you are\.$/)).toBeVisible();
});

test("how it is sent can be changed until it has ended", async () => {
  await open({ status: "completed", completed_at: "2026-11-25T15:00:00Z" });
  expect(screen.queryByRole("button", { name: "Sending options" })).toBeNull();
});
