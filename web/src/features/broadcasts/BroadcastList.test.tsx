import { act, screen, waitFor } from "@testing-library/react";
import { onlineManager } from "@tanstack/react-query";
import { afterEach, expect, test } from "vitest";
import type { BroadcastLine } from "@/api/types";
import { showScreen } from "@/testScreen";
import { BroadcastList } from "./BroadcastList";

const autumn: Partial<BroadcastLine> = { id: "b1", name: "Autumn", broadcast_type: "sms", status: "draft", launched_at: null, scheduled_at: null, updated_at: "2026-11-20T08:00:00Z" };
const page = (...broadcasts: Partial<BroadcastLine>[]) => ({ broadcasts, next: null });
const open = () => showScreen("/broadcasts", { "/broadcasts": BroadcastList }, ({ path }) => (path.includes("search=zz") ? page() : page(autumn)));

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
