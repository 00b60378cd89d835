import { notifications } from "@mantine/notifications";
import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, expect, test, vi } from "vitest";
import type { CalendarStep } from "@/api/types";
import { Refusal, showScreen } from "@/testScreen";
import { CalendarPage } from "./CalendarPage";

const spring: CalendarStep = {
  broadcast_id: "b1",
  broadcast_name: "Spring",
  broadcast_status: "draft",
  archived: false,
  version: 4,
  step_id: "s1",
  step_name: "",
  position: 1,
  steps: 1,
  channel: "sms",
  step_status: "draft",
  at: "2099-12-01T15:00:00Z",
  local: "2099-12-01T09:00:00",
  shown: "2099-12-01T09:00:00",
  time_zone: "America/Chicago",
  in_their_zones: false,
  scheduled_for: "2099-12-01T09:00:00",
  day_number: null,
  day_time: null,
  counts_from: "2099-12-01",
  people: null,
  can_move: true,
  warnings: [],
};

const me = { person: { name: "Ana" }, workspace: { time_zone: "America/Chicago" } };

const launched: CalendarStep = { ...spring, broadcast_id: "b2", broadcast_name: "Winter", broadcast_status: "scheduled", step_id: "s2", step_status: "scheduled", people: 1204 };

interface Made {
  steps?: CalendarStep[];
  refuse?: Refusal;
  shownUntil?: string;
}

const open = ({ steps = [spring], refuse, shownUntil }: Made = {}, path = "/calendar?date=2099-12-01") =>
  showScreen(path, { "/calendar": CalendarPage }, ({ path: asked, method }) => {
    if (asked.startsWith("/me")) return me;
    if (asked.startsWith("/broadcasts/calendar/overlap")) return { people: 17, exact: true };
    if (asked.startsWith("/broadcasts/calendar")) {
      return { time_zone: "America/Chicago", sending_from: "08:00", sending_until: "21:00", steps, shown_until: shownUntil ?? null };
    }
    if (method === "POST") return { effects: ["Step 1 goes out later."], people: 1204 };
    if (method === "PATCH") return refuse ?? { id: "b1", version: 5, steps: [] };
    return undefined;
  });

const onPhone = () => vi.stubGlobal("matchMedia", (media: string) => ({ matches: media.includes("max-width"), media, addEventListener: () => undefined, removeEventListener: () => undefined }));
const onWide = () => vi.stubGlobal("matchMedia", (media: string) => ({ matches: false, media, addEventListener: () => undefined, removeEventListener: () => undefined }));

afterEach(() => {
  onWide();
  // They outlive the screen.
  notifications.clean();
});

const cell = (date: string) => document.querySelector(`td[data-date="${date}"]`) as HTMLElement;

async function moveByForm(user: Awaited<ReturnType<typeof open>>["user"], name: string, date: string) {
  await user.click(await screen.findByRole("button", { name: `Move ${name}` }));
  const form = await screen.findByRole("dialog", { name: `Move ${name}` });
  const field = within(form).getByRole("textbox", { name: "Date" });
  await user.clear(field);
  await user.type(field, date);
  await user.tab();
  return form;
}

test("a step stands on its day with its channel, status and name in words", async () => {
  const { requests, router, user } = await open();
  const item = await screen.findByRole("listitem");
  expect(cell("2099-12-01")).toContainElement(item);
  expect(item).toHaveTextContent("SMS, 9:00SpringDraft");
  // Weeks begin on a Sunday in this language, and the whole weeks are asked for.
  expect(requests.some(({ path }) => path.includes("from=2099-11-29&until=2100-01-02"))).toBe(true);
  await user.click(within(item).getByRole("link", { name: "Spring" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/broadcasts/b1/schedule"));
});

test("the view and the days stand in the address", async () => {
  const { user, router, requests } = await open();
  await screen.findByRole("table", { name: "Month" });
  await user.click(screen.getByRole("button", { name: "Next month" }));
  await waitFor(() => expect(router.state.location.search).toMatchObject({ date: "2100-01-01" }));
  await user.click(screen.getByText("Week", { exact: true }));
  await screen.findByRole("table", { name: "Week" });
  await user.click(screen.getByRole("combobox", { name: /conflict/ }));
  await user.click(await screen.findByRole("option", { name: "Conflict: within 24 hours" }));
  await waitFor(() => expect(requests.at(-1)?.path).toContain("within_hours=24"));
  expect(router.state.location.search).toMatchObject({ view: "week", within: 24 });
});

test("a draft moves at once with the version that was read, and back again", async () => {
  const { user, sent } = await open();
  const form = await moveByForm(user, "Spring", "3 Dec 2099");
  await user.click(within(form).getByRole("button", { name: "Move to Thu 3 Dec 2099 9:00" }));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() =>
    expect(sent("PATCH").map(({ path, body }) => [path, body])).toEqual([
      ["/broadcasts/b1/steps/s1", { version: 4, scheduled_for: "2099-12-03T09:00:00" }],
      ["/broadcasts/b1/steps/s1", { version: 5, scheduled_for: "2099-12-01T09:00:00" }],
    ]),
  );
  expect(sent("POST")).toEqual([]);
});

test("what was launched says first what changes for whom", async () => {
  const { user, sent } = await open({ steps: [launched] });
  const form = await moveByForm(user, "Winter", "3 Dec 2099");
  expect(await within(form).findByText("Step 1 goes out later.")).toBeInTheDocument();
  expect(form).toHaveTextContent("What changes for 1,204 people");
  expect(sent("POST").at(-1)).toMatchObject({ path: "/broadcasts/b2/steps/s2/effects", body: { version: 4, scheduled_for: "2099-12-03T09:00:00" } });
  expect(sent("PATCH")).toEqual([]);
  await user.click(within(form).getByRole("button", { name: "Move to Thu 3 Dec 2099 9:00" }));
  await waitFor(() => expect(sent("PATCH")).toHaveLength(1));
});

test("what somebody else has changed is said, and read anew", async () => {
  const { user, requests } = await open({ refuse: new Refusal(409, "The broadcast was changed elsewhere since you opened it.") });
  const form = await moveByForm(user, "Spring", "3 Dec 2099");
  const asked = () => requests.filter(({ path }) => path.startsWith("/broadcasts/calendar?")).length;
  const before = asked();
  await user.click(within(form).getByRole("button", { name: "Move to Thu 3 Dec 2099 9:00" }));
  expect(await screen.findByText(/^Spring was not moved\. The broadcast was changed elsewhere/)).toBeInTheDocument();
  expect(asked()).toBeGreaterThan(before);
});

test("a time that has passed is not offered", async () => {
  const { user } = await open();
  const form = await moveByForm(user, "Spring", "3 Dec 2020");
  expect(await within(form).findByText("This time has passed. Choose a later one.")).toBeInTheDocument();
  expect(within(form).getByRole("button", { name: "Move" })).toBeDisabled();
});

test("warnings stand on the item and in a list, with who gets both", async () => {
  const near = { step_id: "s2", broadcast_id: "b2", broadcast_name: "Winter", at: launched.at, can_compare: true };
  await open({ steps: [{ ...spring, warnings: [{ kind: "conflict", detail: "Also on Tue 1 Dec by SMS: “Winter” at 9:00.", others: [near], more: 0 }] }] });
  await screen.findByRole("table", { name: "Month" });
  expect(cell("2099-12-01")).toHaveTextContent("1 conflict");
  const list = screen.getByRole("region", { name: "1 warning" });
  expect(list).toHaveTextContent("Also on Tue 1 Dec by SMS: “Winter” at 9:00.");
  expect(await within(list).findByText("17 people get both this and “Winter”.")).toBeInTheDocument();
});

test("days without anything say so, and too much says until when it is shown", async () => {
  const view = await open({ steps: [] });
  expect(await screen.findByText(/^Nothing is planned for December 2099\./)).toBeInTheDocument();
  view.unmount();
  await open({ shownUntil: "2099-12-20T18:00:00Z" });
  expect(await screen.findByText(/more than 1,000 steps in these days\. Shown are those until Sun 20 Dec 2099 12:00/)).toBeInTheDocument();
});

test("what has begun cannot be moved", async () => {
  await open({ steps: [{ ...launched, can_move: false, step_status: "completed", broadcast_status: "completed" }] });
  expect(await screen.findByRole("link", { name: "Winter" })).toBeInTheDocument();
  expect(screen.queryByRole("button", { name: /^Move/ })).toBeNull();
  expect(cell("2099-12-01")).toHaveTextContent("Sent · 1,204 people");
});

test("a phone lists the days, each with a way to move", async () => {
  onPhone();
  await open({ steps: [spring, { ...launched, shown: "2099-12-24T18:00:00" }] });
  const christmas = await screen.findByRole("region", { name: "Thu 24 Dec 2099" });
  expect(within(christmas).getByRole("link", { name: "Winter" })).toBeInTheDocument();
  expect(within(christmas).getByRole("button", { name: "Move Winter" })).toHaveTextContent("Move");
  expect(screen.queryByRole("table")).toBeNull();
});

test("without an answer it can be asked for again", async () => {
  await showScreen("/calendar", { "/calendar": CalendarPage }, ({ path }) => (path.startsWith("/broadcasts") ? new Refusal(500, "The server is busy.") : me));
  expect(await screen.findByText("The server is busy.")).toBeInTheDocument();
  expect(screen.getByRole("button", { name: /again/i })).toBeInTheDocument();
});
