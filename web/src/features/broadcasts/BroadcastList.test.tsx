import { act, screen, waitFor, within } from "@testing-library/react";
import { onlineManager } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import type { BroadcastLine } from "@/api/types";
import { showScreen } from "@/testScreen";
import { BroadcastList } from "./BroadcastList";

const autumn: Partial<BroadcastLine> = { id: "b1", name: "Autumn", broadcast_type: "sms", status: "draft", launched_at: null, scheduled_at: null, updated_at: "2026-11-20T08:00:00Z", archived_at: null };
const page = (...broadcasts: Partial<BroadcastLine>[]) => ({ broadcasts, next: null });
const open = () => showScreen("/broadcasts", { "/broadcasts": BroadcastList }, ({ path, method }) => {
    if (path.endsWith("/authors")) return { authors: ["Ana", "Bo"] };
    if (method === "POST") return path.endsWith("/duplicate") ? { id: "b2" } : undefined;
    if (path.includes("search=zz") || path.includes("archived=true")) return page();
    return page(autumn, { ...autumn, id: "b3", name: "On its way", status: "sending", launched_at: "2026-11-20T08:00:00Z" });
  });

afterEach(() => onlineManager.setOnline(true));

test("showing all again empties the search, too", async () => {
  const { user, router } = await open();
  await screen.findByRole("link", { name: "Autumn" });
  await user.type(screen.getByRole("searchbox", { name: "Search broadcasts" }), "zz");
  await user.click(await screen.findByRole("button", { name: "Show all broadcasts" }));
  await screen.findByRole("link", { name: "Autumn" });
  expect(router.state.location.search).toEqual({});
  expect(screen.getByRole("searchbox", { name: "Search broadcasts" })).toHaveValue("");
});

test("without a connection it says so above what was there, and goes on when it is back", async () => {
  const { user } = await open();
  await screen.findByRole("link", { name: "Autumn" });
  act(() => onlineManager.setOnline(false));
  await user.type(screen.getByRole("searchbox", { name: "Search broadcasts" }), "zz");
  expect(await screen.findByText(/^Clarion cannot reach its server\./)).toBeInTheDocument();
  expect(screen.getByRole("link", { name: "Autumn" })).toBeInTheDocument();
  act(() => onlineManager.setOnline(true));
  expect(await screen.findByText("No broadcast matches")).toBeInTheDocument();
  await waitFor(() => expect(screen.queryByText(/^Clarion cannot reach its server\./)).toBeNull());
});

test("the order and the filters go to the server and stand in the address", async () => {
  const { user, requests, router } = await open();
  await screen.findByRole("link", { name: "Autumn" });
  await user.click(screen.getByRole("combobox", { name: "Order" }));
  await user.click(await screen.findByRole("option", { name: "Earliest time first" }));
  await user.click(await screen.findByRole("combobox", { name: "Made by" }));
  await user.click(await screen.findByRole("option", { name: "Bo" }));
  await waitFor(() => expect(router.state.location.search).toEqual({ order: "scheduled asc", author: "Bo" }));
  await waitFor(() => expect(requests.at(-1)?.path).toContain("author=Bo"));
  expect(requests.at(-1)?.path).toContain("sort=scheduled&direction=asc");
});

test("a broadcast is duplicated in part, and the copy opens where it needs something", async () => {
  const { user, router, sent } = await open();
  await user.click(await screen.findByRole("button", { name: "Actions for Autumn" }));
  await user.click(await screen.findByRole("menuitem", { name: "Duplicate only the audience" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/broadcasts/b2/compose"));
  expect(sent("POST")).toEqual([expect.objectContaining({ path: "/broadcasts/b1/duplicate", body: { what: "audience" } })]);
});

test("a draft is archived with a way back; what is under way cannot be", async () => {
  const { user, sent } = await open();
  await user.click(await screen.findByRole("button", { name: "Actions for On its way" }));
  await screen.findByRole("menuitem", { name: "Duplicate" });
  expect(screen.queryByRole("menuitem", { name: "Archive" })).toBeNull();
  expect(screen.queryByRole("menuitem", { name: "Delete draft" })).toBeNull();
  await user.keyboard("{Escape}");
  await user.click(screen.getByRole("button", { name: "Actions for Autumn" }));
  await user.click(await screen.findByRole("menuitem", { name: "Archive" }));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(sent("POST").map(({ path }) => path)).toEqual(["/broadcasts/b1/archive", "/broadcasts/b1/unarchive"]));
});

test("the archive is empty until something is put there", async () => {
  const { user } = await open();
  await screen.findByRole("link", { name: "Autumn" });
  await user.click(within(screen.getByRole("radiogroup", { name: "Which broadcasts" })).getByRole("radio", { name: "Archive" }));
  expect(await screen.findByText("The archive is empty")).toBeInTheDocument();
});
