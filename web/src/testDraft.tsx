/** A screen of the wizard with its broadcast, at an address of its own, for tests. */
import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { createMemoryHistory, createRootRoute, createRoute, createRouter, Outlet, RouterProvider } from "@tanstack/react-router";
import { render } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import type { ReactNode } from "react";
import { vi } from "vitest";
import { broadcastQuery } from "@/api/broadcast";
import { Draft } from "@/api/draft";
import type { Broadcast, Tracking } from "@/api/types";
import { DraftProvider } from "@/api/useDraft";

export const aBroadcast: Broadcast = {
  id: "b1", name: "Spring offer", broadcast_type: "sms", status: "draft", filter: { match: "all", conditions: [] },
  audience_mode: "saved_when_scheduled", version: 3, problem: null, paused_by: null, created_by: "me",
  late_policy: "catch_up", max_per_minute: null, stop_at_failure_rate: 0.25, track_opens: true, track_clicks: true, leave_on_reply: true, goal: null,
  created_at: "2026-11-23T16:00:00Z", updated_at: "2026-11-23T16:00:00Z", launched_at: null, completed_at: null,
  recipients: { state: "none", saved: 0, expected: null, saved_at: null, note: null },
  steps: [
    {
      id: "s1", position: 1, name: "", channel: "sms", both_how: "both", first_channel: "email", second_after_hours: 24, body: "Hello",
      subject: "", preheader: "", email: null, text_part: null, from_name: null, reply_to: null,
      day_number: null, day_time: null, zone_mode: "account", window_from: null, window_until: null, weekdays: [1, 2, 3, 4, 5, 6, 7],
      condition: null, due_for: "2026-11-25T09:00:00", send_mode: "later", scheduled_for: "2026-11-25T09:00:00",
      scheduled_at: "2026-11-25T15:00:00Z", time_zone: "America/Chicago", status: "draft", launched_at: null, completed_at: null,
    },
  ],
};

export const aTracking: Tracking = {
  type: "tracking", status: "scheduled", paused_by: null, recipients: 0, delivered: 0, failed: 0, pending: 0, retrying: 0, to_retry: 0,
  on_the_way: 0, no_receipt: 0, uncertain: 0, unknown: 0, skipped: 0, cancelled: 0, left_out: [], channels: [], by_channel: [], left: [], steps: [],
  saving: { state: "saved", saved: 753, expected: null, saved_at: "2026-11-23T16:34:00Z", note: null },
  segments: 0, cost: { amount: "0", currency: "USD" }, errors: [], rate_per_second: 0, starts_at: "2026-11-25T15:00:00Z", done_at: null,
  waits_until: null, waiting_note: null, launched_at: null, completed_at: null, counted_at: "2026-11-23T16:34:00Z",
};

interface Request_ {
  path: string;
  method: string;
  body: unknown;
}

/** `answers` by method and path below /api/v1; what has none is a server that cannot be reached. */
export function showStep(screen: ReactNode, broadcast: Broadcast, answers: Record<string, (body: unknown) => unknown> = {}) {
  const requests: Request_[] = [];
  vi.stubGlobal("scrollTo", () => undefined);
  vi.stubGlobal("fetch", async (request: Request) => {
    const text = await request.text();
    const asked = { path: new URL(request.url).pathname.replace("/api/v1", ""), method: request.method, body: text === "" ? null : (JSON.parse(text) as unknown) };
    requests.push(asked);
    const answer = answers[`${asked.method} ${asked.path}`];
    if (answer === undefined) throw new TypeError("offline");
    const result = answer(asked.body);
    return result instanceof Response ? result : Response.json(result);
  });
  const cache = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  cache.setQueryData(broadcastQuery(broadcast.id).queryKey, broadcast);
  const draft = new Draft(broadcast.id, cache, () => undefined);
  const root = createRootRoute({ component: Outlet });
  const wizard = createRoute({ getParentRoute: () => root, path: "/broadcasts/$id" });
  const step = createRoute({
    getParentRoute: () => wizard,
    path: "tracking",
    component: () => (
      <DraftProvider draft={draft} saved={broadcast}>
        {screen}
      </DraftProvider>
    ),
  });
  const router = createRouter({
    routeTree: root.addChildren([wizard.addChildren([step])]),
    history: createMemoryHistory({ initialEntries: [`/broadcasts/${broadcast.id}/tracking`] }),
  });
  render(
    <MantineProvider env="test">
      <QueryClientProvider client={cache}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  return { router, requests, user: userEvent.setup() };
}
