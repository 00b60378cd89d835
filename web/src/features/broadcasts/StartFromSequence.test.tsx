import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, showStep } from "@/testDraft";
import type { Broadcast, LibrarySequence } from "@/api/types";
import { StartFromSequence } from "./StartFromSequence";

const review: LibrarySequence = {
  key: "review", name: "Ask for a review", purpose: "After the work.", broadcast_type: "sms_email", days: 3,
  steps: [
    { day_number: 1, day_time: "10:00", channel: "sms", says: "Thank you", subject: "", body: "Thanks", email: null, is_conditional: false },
    { day_number: 3, day_time: "09:30", channel: "email", says: "Would you?", subject: "Would you?", body: "", email: null, is_conditional: true },
  ],
};

async function open(broadcast: Partial<Broadcast>) {
  const shown = showStep(<StartFromSequence />, { ...aBroadcast, ...broadcast }, {
    "GET /sequence-library": () => ({ sequences: [review] }),
    "GET /sequence-templates": () => ({ sequences: [] }),
    "PUT /broadcasts/b1/steps": () => ({ ...aBroadcast, broadcast_type: "sms_email", version: 9 }),
  });
  await shown.user.click(await screen.findByRole("button", { name: "Start from a sequence" }));
  const dialog = await screen.findByRole("dialog");
  const taken = () => shown.requests.filter(({ method }) => method === "PUT").map(({ body }) => body);
  return { ...shown, dialog, taken };
}

const empty = aBroadcast.steps.map((step) => ({ ...step, body: "" }));

test("each step is told with its day, its hour and its channel", async () => {
  const { dialog } = await open({ steps: empty });
  const [first, second] = await within(dialog).findAllByText(/^Day \d/);
  expect(first?.closest("li")).toHaveTextContent("Day 110:00SMSThank you");
  expect(second?.closest("li")).toHaveTextContent("Day 39:30EmailWould you? · only for some");
});

test("an empty draft takes the steps at once", async () => {
  const { user, dialog, taken } = await open({ steps: empty });
  await user.click(await within(dialog).findByRole("button", { name: "Use Ask for a review" }));
  await expect.poll(taken).toEqual([{ version: aBroadcast.version, from_library: "review" }]);
  await expect.poll(() => screen.queryByRole("dialog")).toBeNull();
});

test("what is written is replaced only after it was said", async () => {
  const { user, dialog, taken } = await open({ steps: empty.map((step) => ({ ...step, body: "Hello" })) });
  await user.click(await within(dialog).findByRole("button", { name: "Use Ask for a review" }));
  expect(within(dialog).getByText(/take the place of all that this broadcast says now, with its attached files/)).toBeVisible();
  expect(taken()).toEqual([]);
  await user.click(within(dialog).getByRole("button", { name: "Replace the 1 step" }));
  await expect.poll(taken).toEqual([{ version: aBroadcast.version, from_library: "review" }]);
});

test("without a sequence of one's own it says how to keep one", async () => {
  const { user, dialog } = await open({ steps: empty });
  await user.click(within(dialog).getByText("Yours"));
  expect(await within(dialog).findByText(/“Save this sequence” stands below the steps/)).toBeVisible();
});
