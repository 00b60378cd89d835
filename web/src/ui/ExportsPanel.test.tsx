import { MantineProvider } from "@mantine/core";
import { Notifications } from "@mantine/notifications";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, waitFor } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { afterEach, beforeEach, expect, test, vi } from "vitest";
import type { Export } from "@/api/types";
import { ExportButton } from "./ExportButton";
import { ExportsPanel } from "./ExportsPanel";

const waiting: Export = {
  id: "e1", status: "waiting", total: null, done: 0, bytes: 0, excel: true, problem: null,
  asked_by: "me", created_at: "2026-11-23T16:00:00Z", finished_at: null, expires_at: null,
};

let now: Export;
let taken: string[];
let refusal: object | null;

beforeEach(() => {
  now = waiting;
  taken = [];
  refusal = null;
  vi.spyOn(HTMLAnchorElement.prototype, "click").mockImplementation(function (this: HTMLAnchorElement) {
    taken.push(new URL(this.href).pathname);
  });
  vi.stubGlobal("fetch", (request: Request) => {
    if (refusal !== null) return Promise.resolve(Response.json(refusal, { status: 422 }));
    if (request.method === "DELETE") now = { ...now, status: "cancelled" };
    return Promise.resolve(Response.json(now, { status: request.method === "POST" ? 202 : 200 }));
  });
});

/** What is left open belongs to the tab, so each test closes its own. */
afterEach(async () => {
  const close = screen.queryByRole("button", { name: "Close the export of Solar" });
  if (close !== null) await userEvent.click(close);
  vi.restoreAllMocks();
});

function show() {
  return render(
    <MantineProvider env="test">
      <QueryClientProvider client={new QueryClient({ defaultOptions: { queries: { retry: false } } })}>
        <ExportButton filter={{ match: "all", conditions: [] }} name="Solar" />
        <ExportsPanel />
        <Notifications />
      </QueryClientProvider>
    </MantineProvider>,
  );
}

const start = () => userEvent.click(screen.getByRole("button", { name: "Export CSV" }));
const becomes = (change: Partial<Export>) => {
  now = { ...now, ...change };
};

test("it says how far it is and takes the file once when it is written", async () => {
  show();
  await start();
  expect(await screen.findByText("Waiting to start")).toBeVisible();
  becomes({ status: "running", total: 1_195, done: 400 });
  expect(await screen.findByText("400 of 1,195 contacts written", {}, { timeout: 3_000 })).toBeVisible();
  expect(screen.getByRole("progressbar", { name: "Export of Solar" })).toHaveAttribute("aria-valuenow", String((400 / 1_195) * 100));
  becomes({ status: "done", done: 1_195 });
  expect(await screen.findByText("1,195 contacts, ready", {}, { timeout: 3_000 })).toBeVisible();
  await waitFor(() => expect(taken).toEqual(["/api/v1/exports/e1/file"]));
  expect(screen.getByRole("link", { name: "Download" })).toHaveAttribute("href", "/api/v1/exports/e1/file");
});

test("it survives leaving the page, and is not taken twice", async () => {
  const { unmount } = show();
  await start();
  await screen.findByText("Waiting to start");
  unmount();
  becomes({ status: "done", done: 7, total: 7 });
  show();
  expect(await screen.findByText("7 contacts, ready")).toBeVisible();
  expect(taken).toEqual([]);
  expect(sessionStorage.getItem("clarion.exports")).toContain("e1");
});

test("it is called off", async () => {
  show();
  await start();
  await userEvent.click(await screen.findByRole("button", { name: "Cancel" }));
  expect(await screen.findByText("Cancelled")).toBeVisible();
});

test("what went wrong is said in words", async () => {
  show();
  await start();
  becomes({ status: "failed", problem: "The filter names a field that no contact has any more." });
  expect(await screen.findByText("The filter names a field that no contact has any more.", {}, { timeout: 3_000 })).toBeVisible();
});

test("an export that does not start says why", async () => {
  refusal = { type: "about:blank", title: "Not valid", status: 422, detail: "The filter cannot be read.", errors: [] };
  show();
  await start();
  expect(await screen.findByText("The filter cannot be read.")).toBeVisible();
  expect(screen.queryByRole("region", { name: "Exports" })).toBeNull();
});
