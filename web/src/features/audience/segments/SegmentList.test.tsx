import { screen, waitFor, within } from "@testing-library/react";
import { notifications } from "@mantine/notifications";
import { afterEach, expect, test, vi } from "vitest";
import { Refusal, showScreen } from "@/testScreen";
import { CombineSegments } from "./CombineSegments";
import { NewSegment } from "./NewSegment";
import { SegmentList } from "./SegmentList";
import { segment } from "./testSegment";

const screens = { "/segments": SegmentList, "/segments/new": NewSegment, "/segments/combine": CombineSegments };
const page = (...segments: ReturnType<typeof segment>[]) => ({ segments, next: null });

afterEach(() => {
  vi.useRealTimers();
  notifications.clean();
});

test("one that is nowhere used disappears, and comes back with Undo", async () => {
  const { user, sent } = await showScreen("/segments", screens, ({ path }) => (path.endsWith("/uses") ? { broadcasts: [], segments: [] } : page(segment())));
  await user.click(await screen.findByRole("button", { name: "Delete Texas" }));
  const undo = await screen.findByRole("button", { name: "Undo" });
  expect(screen.queryByRole("link", { name: "Texas" })).toBeNull();
  await user.click(undo);
  expect(await screen.findByRole("link", { name: "Texas" })).toBeInTheDocument();
  expect(sent("DELETE")).toEqual([]);
});

test("left alone it is deleted; refused, it is back with the reason", async () => {
  vi.useFakeTimers({ shouldAdvanceTime: true });
  const { user, sent } = await showScreen("/segments", screens, ({ path, method }) => {
    if (path.endsWith("/uses")) return { broadcasts: [], segments: [] };
    return method === "DELETE" ? new Refusal(409, "It has just been put into a filter.") : page(segment());
  });
  await user.click(await screen.findByRole("button", { name: "Delete Texas" }));
  await screen.findByRole("button", { name: "Undo" });
  vi.advanceTimersByTime(6_000);
  expect(await screen.findByText("“Texas” was not deleted. It has just been put into a filter.")).toBeInTheDocument();
  expect(sent("DELETE")).toHaveLength(1);
  expect(screen.getByRole("link", { name: "Texas" })).toBeInTheDocument();
});

test("says of each in a word what it is, how many and where", async () => {
  await showScreen("/segments", screens, () =>
    page(segment({ uses: 2 }), segment({ id: "s2", name: "Guests", kind: "frozen", contacts: 12 }), segment({ id: "s3", name: "Saving", kind: "frozen", freezing: "saving", contacts: 5 }), segment({ id: "s4", name: "New", contacts: null, problem: "The field “x” is gone." })),
  );
  const row = async (name: string) => (await screen.findByRole("link", { name })).closest("tr");
  expect(await row("Texas")).toHaveTextContent(/Dynamic2 places.*3,074/);
  expect(await row("Guests")).toHaveTextContent(/FrozenNowhere yet.*12/);
  expect(await row("Saving")).toHaveTextContent(/Freezing.*5 so far/);
  expect(await row("New")).toHaveTextContent(/Cannot be read.*Counting/);
});

test("nothing saved yet: one way on, and a sample that begins it", async () => {
  const { user } = await showScreen("/segments", screens, () => page());
  expect(await screen.findByRole("link", { name: "New segment" })).toHaveAttribute("href", "/segments/new");
  await user.click(await screen.findByRole("link", { name: "Created at is in the last 30 days" }));
  expect(await screen.findByRole("group", { name: "Condition: Created at is in the last 30 days" })).toBeInTheDocument();
});

test("the search is part of the address and is asked of the server", async () => {
  const { user, router, requests } = await showScreen("/segments", screens, ({ path }) => (path.includes("search=zz") ? page() : page(segment())));
  await screen.findByRole("link", { name: "Texas" });
  await user.type(screen.getByRole("searchbox", { name: "Search segments" }), "zz");
  await user.click(await screen.findByRole("button", { name: "Show all segments" }));
  await screen.findByRole("link", { name: "Texas" });
  expect(requests.some(({ path }) => path.includes("search=zz"))).toBe(true);
  expect(router.state.location.search).toEqual({});
  expect(screen.getByRole("searchbox", { name: "Search segments" })).toHaveValue("");
});

test("a new one asks for a name, keeps what the server refuses, and opens when it is saved", async () => {
  const { user, sent, router } = await showScreen("/segments/new?sample=true", screens, ({ body }) => {
    const { name } = body as { name: string };
    return name === "Taken" ? new Refusal(409, "There is one already.", ["/name"]) : segment({ id: "s9", name });
  });
  await user.click(await screen.findByRole("button", { name: "Save as segment" }));
  const dialog = await screen.findByRole("dialog", { name: "Save as segment" });
  const name = within(dialog).getByRole("textbox", { name: "Name" });
  await user.type(name, "{Enter}");
  expect(within(dialog).getByText("Give the segment a name.")).toBeInTheDocument();
  await user.click(within(dialog).getByRole("radio", { name: "Frozen" }));
  await user.type(name, "Taken{Enter}");
  expect(await within(dialog).findByText("There is one already.")).toBeInTheDocument();
  await user.clear(name);
  await user.type(name, "New people{Enter}");
  await waitFor(() => expect(router.state.location.pathname).toBe("/segments/s9"));
  expect(sent("POST").at(-1)?.body).toMatchObject({ name: "New people", frozen: true, filter: { conditions: [{ field: "created_at" }] } });
});

test("a difference names its base, and another base can be chosen", async () => {
  const known = [segment(), segment({ id: "s2", name: "VIP" })];
  const { user, sent } = await showScreen(`/segments/combine?of=${encodeURIComponent('["s1","s2"]')}&how=difference`, screens, ({ path, method }) => {
    if (method === "POST") return segment({ id: "s3" });
    return path.startsWith("/segments?") ? page(...known) : known.find(({ id }) => path === `/segments/${id}`);
  });
  expect(await screen.findByText("In “Texas”, but not in “VIP”")).toBeInTheDocument();
  await user.click(screen.getByRole("combobox", { name: "Begin with" }));
  await user.click(await screen.findByRole("option", { name: "VIP" }));
  expect(await screen.findByText("In “VIP”, but not in “Texas”")).toBeInTheDocument();
  await user.type(screen.getByRole("textbox", { name: "Name" }), "Others{Enter}");
  await waitFor(() => expect(sent("POST")).toHaveLength(1));
  expect(sent("POST")[0]?.body).toEqual({ name: "Others", frozen: false, combine: { operation: "difference", segments: ["s2", "s1"] } });
});
