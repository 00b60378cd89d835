import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, showStep } from "@/testDraft";
import type { Broadcast, Step } from "@/api/types";
import { StepDrawer } from "./StepDrawer";

const [first] = aBroadcast.steps;
if (first === undefined) throw new Error("a broadcast has a step");
const second: Step = { ...first, id: "s2", position: 2, name: "Reminder", send_mode: "later", scheduled_for: null, day_number: 3, day_time: "09:00" };
const sequence: Broadcast = { ...aBroadcast, steps: [first, second] };

async function open(broadcast: Broadcast, answers: Record<string, (body: unknown) => unknown> = {}, edit = "s2") {
  const shown = showStep(<StepDrawer />, broadcast, answers);
  await waitFor(() => expect(shown.router.state.status).toBe("idle"));
  await shown.router.navigate({ to: ".", search: { edit } } as never);
  const dialog = await screen.findByRole("dialog");
  return { ...shown, dialog };
}

const changed = (body: unknown): Broadcast => ({ ...sequence, version: 4, steps: [first, { ...second, ...(body as object) }] });

test("the day of a step is saved by itself while it is a draft", async () => {
  const { dialog, user, requests } = await open(sequence, { "PATCH /broadcasts/b1/steps/s2": changed });
  expect(dialog).toHaveAccessibleName("Step 2, Reminder");
  expect(within(dialog).getByText("Day 3 is Fri 27 Nov.")).toBeVisible();
  const day = within(dialog).getByRole("textbox", { name: "Day" });
  await user.clear(day);
  await user.type(day, "5");
  await waitFor(() => expect(requests.at(-1)).toMatchObject({ path: "/broadcasts/b1/steps/s2", method: "PATCH" }));
  expect(requests.at(-1)?.body).toEqual({ version: 3, day_number: 5, day_time: "09:00" });
});

test("a condition is read as a sentence while it is made", async () => {
  const { dialog, user, requests } = await open(sequence, { "PATCH /broadcasts/b1/steps/s2": changed });
  const who = within(dialog).getByRole("region", { name: "Who gets it" });
  expect(within(who).getByText("Everybody who is still in the sequence.")).toBeVisible();
  await user.click(within(who).getByRole("button", { name: "Add a condition" }));
  expect(within(who).getByText("Only who has not replied to the step before.")).toBeVisible();
  await user.click(within(who).getByRole("checkbox", { name: /still matches/ }));
  expect(within(who).getByText("Only who has not replied to the step before and still matches the audience.")).toBeVisible();
  await waitFor(() =>
    expect(requests.at(-1)?.body).toMatchObject({ condition: { only_if: [{ did: "replied", negated: true, of: "previous" }], still_matches: true } }),
  );
  await user.click(within(who).getByRole("button", { name: "Remove condition 1" }));
  await user.click(within(who).getByRole("checkbox", { name: /still matches/ }));
  await waitFor(() => expect(requests.at(-1)?.body).toMatchObject({ condition: null }));
});

test("a window that ends before it begins is said and not saved", async () => {
  const { dialog, user, requests } = await open(sequence, { "PATCH /broadcasts/b1/steps/s2": changed });
  await user.click(within(dialog).getByRole("checkbox", { name: "Only between certain hours" }));
  await waitFor(() => expect(requests.at(-1)?.body).toMatchObject({ window_from: "09:00", window_until: "17:00" }));
  const asked = requests.length;
  const until = within(dialog).getByLabelText("Until");
  await user.clear(until);
  await user.type(until, "08:00");
  expect(within(dialog).getByRole("alert")).toHaveTextContent("The window must end after it begins");
  expect(requests).toHaveLength(asked);
});

test("the last day of the week cannot be taken away", async () => {
  const friday = { ...sequence, steps: [first, { ...second, weekdays: [5] }] };
  const { dialog, user, requests } = await open(friday, { "PATCH /broadcasts/b1/steps/s2": changed });
  const days = within(dialog).getByRole("group", { name: "Days of the week" });
  await user.click(within(days).getByRole("checkbox", { name: "Friday" }));
  expect(within(days).getByRole("checkbox", { name: "Friday" })).toBeChecked();
  await user.click(within(days).getByRole("checkbox", { name: "Monday" }));
  await waitFor(() => expect(requests.at(-1)?.body).toMatchObject({ weekdays: [1, 5] }));
});

const running: Broadcast = { ...sequence, status: "sending", steps: [{ ...first, status: "completed" }, { ...second, status: "scheduled" }] };

test("of a running sequence a change is saved only after it was said what it does", async () => {
  const sentence = "Step 2 (Reminder) goes out on Sun 29 Nov at 9:00 to 753 people, instead of Fri 27 Nov at 9:00.";
  const { dialog, user, requests, router } = await open(running, {
    "POST /broadcasts/b1/steps/s2/effects": () => ({ effects: [sentence], people: 753 }),
    "PATCH /broadcasts/b1/steps/s2": (body) => ({ ...running, version: 4, steps: [running.steps[0], { ...second, status: "scheduled", ...(body as object) }] }),
  });
  const see = within(dialog).getByRole("button", { name: "See what changes" });
  expect(see).toBeDisabled();
  const day = within(dialog).getByRole("textbox", { name: "Day" });
  await user.clear(day);
  await user.type(day, "5");
  expect(requests.filter(({ method }) => method === "PATCH")).toEqual([]);
  await user.click(see);
  expect(await within(dialog).findByText("What changes for 753 people")).toBeVisible();
  expect(within(dialog).getByText(sentence)).toBeVisible();
  await user.click(within(dialog).getByRole("button", { name: "Save the change" }));
  await waitFor(() => expect(requests.find(({ method }) => method === "PATCH")?.body).toEqual({ version: 3, day_number: 5, day_time: "09:00" }));
  await waitFor(() => expect(router.state.location.search).toEqual({}));
});

test("another edit takes back what was said before", async () => {
  const { dialog, user } = await open(running, { "POST /broadcasts/b1/steps/s2/effects": () => ({ effects: ["Something."], people: 1 }) });
  await user.click(within(dialog).getByRole("checkbox", { name: /still matches/ }));
  await user.click(within(dialog).getByRole("button", { name: "See what changes" }));
  expect(await within(dialog).findByText("What changes for 1 person")).toBeVisible();
  await user.click(within(dialog).getByRole("checkbox", { name: "Only between certain hours" }));
  expect(within(dialog).queryByText("Something.")).toBeNull();
  expect(within(dialog).getByRole("button", { name: "See what changes" })).toBeEnabled();
  await user.click(within(dialog).getByRole("button", { name: "Discard" }));
  expect(within(dialog).getByRole("checkbox", { name: /still matches/ })).not.toBeChecked();
});

test("a step that has begun is read only", async () => {
  const { dialog } = await open(running, {}, "s1");
  expect(within(dialog).getByText(/This step has begun/)).toBeVisible();
  expect(within(dialog).getByRole("radio", { name: "One clock for all" })).toBeDisabled();
  expect(within(dialog).queryByRole("button", { name: "See what changes" })).toBeNull();
});
