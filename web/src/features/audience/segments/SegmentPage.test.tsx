import { screen, waitFor, within } from "@testing-library/react";
import { notifications } from "@mantine/notifications";
import axe from "axe-core";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Segment } from "@/api/segments";
import type { Group } from "@/api/types";
import { Refusal, showScreen } from "@/testScreen";
import { SegmentPage } from "./SegmentPage";
import { segment, texas } from "./testSegment";

const florida: Group = { match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "FL" }] };

/** A server that holds one segment and keeps its versions. */
function serverWith(first: Partial<Segment> = {}) {
  const state = { saved: segment(first), uses: { broadcasts: [] as unknown[], segments: [] as unknown[] } };
  const answer = ({ path, method, body }: { path: string; method: string; body: unknown }): unknown => {
    const change = body as { version: number; name?: string; filter?: Group };
    if (path.endsWith("/uses")) return state.uses;
    if (path.includes("/sizes")) return { sizes: [{ measured_at: "2026-11-19T09:00:00Z", contacts: 3_000 }, { measured_at: "2026-11-20T09:00:00Z", contacts: 3_074 }] };
    if (path === "/audience/values") return { values: [] };
    if (path === "/segments/s1/freeze") return (state.saved = { ...state.saved, kind: "frozen", freezing: "saving", version: state.saved.version + 1, contacts: 0 });
    if (path !== "/segments/s1") return new Refusal(404, "Not here.");
    if (method === "PATCH") {
      if (change.version !== state.saved.version) return new Refusal(409, "Somebody has saved it.", ["/version"]);
      if (change.name === "Taken") return new Refusal(409, "There is one named “Taken” already.", ["/name"]);
      state.saved = { ...state.saved, version: change.version + 1, name: change.name ?? state.saved.name, filter: change.filter ?? state.saved.filter };
    }
    return state.saved;
  };
  return { state, answer, elsewhere: (over: Partial<Segment>) => (state.saved = { ...state.saved, version: state.saved.version + 1, ...over }) };
}

const open = (server: ReturnType<typeof serverWith>) => showScreen("/segments/s1", { "/segments/$id": SegmentPage }, server.answer);
const value = () => screen.getByRole("combobox", { name: "Value" });

async function type(user: Awaited<ReturnType<typeof open>>["user"], text: string) {
  await user.clear(value());
  await user.type(value(), text);
}

beforeEach(() => sessionStorage.clear());
afterEach(() => notifications.clean());

test("a changed filter is saved when asked, with the version that was read", async () => {
  const server = serverWith({ uses: 2 });
  const { user, sent } = await open(server);
  const save = screen.getByRole("button", { name: "Save changes" });
  expect(save).toHaveAttribute("aria-disabled", "true");
  await type(user, "FL");
  expect(screen.getByText("Not saved yet. Used in 2 places, which will follow.")).toBeInTheDocument();
  await user.click(save);
  await screen.findByText("Saved");
  expect(sent("PATCH").map(({ body }) => body)).toEqual([{ version: 1, filter: florida }]);
  expect(value()).toHaveValue("FL");
});

test("somebody else saved first: theirs is shown, and mine can be kept", async () => {
  const server = serverWith();
  const { user, sent } = await open(server);
  await type(user, "FL");
  server.elsewhere({ filter: { match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "CA" }] } });
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  const notice = (await screen.findByText(/Somebody else saved another filter/)).closest('[role="alert"]') as HTMLElement;
  expect(notice).toHaveTextContent("Theirs: State is CA");
  await user.click(within(notice).getByRole("button", { name: "Keep mine" }));
  await screen.findByText("Saved");
  expect(sent("PATCH").at(-1)?.body).toEqual({ version: 2, filter: florida });
  expect(server.state.saved.filter).toEqual(florida);
});

test("… or given up for theirs", async () => {
  const server = serverWith();
  const { user, sent } = await open(server);
  await type(user, "FL");
  server.elsewhere({ filter: { match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "CA" }] } });
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await user.click(await screen.findByRole("button", { name: "Load theirs" }));
  expect(value()).toHaveValue("CA");
  expect(screen.getByText("Saved")).toBeInTheDocument();
  expect(sent("PATCH")).toHaveLength(1);
});

test("a new name from elsewhere is no conflict", async () => {
  const server = serverWith();
  const { user } = await open(server);
  await type(user, "FL");
  server.elsewhere({ name: "Southern states" });
  await user.click(screen.getByRole("button", { name: "Save changes" }));
  await screen.findByText("Saved");
  expect(server.state.saved).toMatchObject({ name: "Southern states", filter: florida, version: 3 });
});

test("what is not saved is there again after a reload, and discarding it can be undone", async () => {
  const server = serverWith();
  const first = await open(server);
  await type(first.user, "FL");
  first.unmount();
  const { user } = await open(server);
  expect(value()).toHaveValue("FL");
  await user.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(value()).toHaveValue("TX");
  const notice = (await screen.findByText("Changes discarded")).closest('[role="alert"]') as HTMLElement;
  await user.click(within(notice).getByRole("button", { name: "Undo" }));
  expect(value()).toHaveValue("FL");
  expect(screen.getByText("Not saved yet")).toBeInTheDocument();
});

test("the name is changed where it stands; one that is taken stays with its reason", async () => {
  const server = serverWith();
  const { user } = await open(server);
  await user.click(screen.getByRole("button", { name: "Rename" }));
  await user.keyboard("Taken{Enter}");
  expect(await screen.findByText("There is one named “Taken” already.")).toBeInTheDocument();
  await user.keyboard("{Control>}a{/Control}Lone Star{Enter}");
  expect(await screen.findByRole("heading", { name: "Lone Star", level: 1 })).toBeInTheDocument();
  await waitFor(() => expect(screen.getByRole("button", { name: "Rename" })).toHaveFocus());
});

test("one in use is not deleted: its places are named and linked", async () => {
  const server = serverWith();
  server.state.uses = { broadcasts: [{ id: "b1", name: "Autumn", status: "draft" }], segments: [{ id: "s2", name: "South" }] };
  const { user, sent } = await open(server);
  await user.click(screen.getByRole("button", { name: "Delete" }));
  const dialog = await screen.findByRole("dialog", { name: "“Texas” is in use" });
  expect(within(dialog).getByRole("link", { name: "Autumn" })).toHaveAttribute("href", "/broadcasts/b1/audience");
  expect(within(dialog).getByRole("link", { name: "South" })).toHaveAttribute("href", "/segments/s2");
  expect(sent("DELETE")).toEqual([]);
});

test("freezing says what it means and then how far it is", async () => {
  const server = serverWith();
  const { user, sent } = await open(server);
  await user.click(screen.getByRole("button", { name: "Freeze" }));
  const dialog = await screen.findByRole("dialog", { name: "Freeze “Texas”" });
  expect(dialog).toHaveTextContent("This cannot be undone.");
  await user.click(within(dialog).getByRole("button", { name: "Freeze" }));
  expect(await screen.findByText(/people saved\. You can leave this page\./)).toBeInTheDocument();
  expect(sent("POST").map(({ path }) => path)).toEqual(["/segments/s1/freeze"]);
  expect(screen.queryByRole("button", { name: "Save changes" })).toBeNull();
});

test("the size says in words how it moved, with the days as a table; axe finds no fault", async () => {
  const { container } = await open(serverWith({ filter: texas }));
  expect(await screen.findByText("3,074 people on Fri 20 Nov, 74 more than on Thu 19 Nov.")).toBeInTheDocument();
  expect(screen.getByRole("row", { name: "Thu 19 Nov 3,000" })).toBeInTheDocument();
  const { violations } = await axe.run(container, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } });
  expect(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)])).toEqual([]);
});
