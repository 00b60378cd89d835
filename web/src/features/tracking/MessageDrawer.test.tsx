import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { Message, MessageStory } from "@/api/types";
import { MessageTable } from "./MessageTable";

const message: Message = {
  id: "m1", contact_id: "7", name: "Inés Pérez", address: "+17135551913", status: "pending", body: "Hi Inés, see you on Friday.", segments: 1,
  subject: null, step_id: "s1", channel: "sms", opened_at: null, clicked_at: null, replied_at: null,
  error: { code: "30003", words: "The phone could not be reached.", advice: "It is tried again by itself." }, skip_reason: null, provider: "twilio",
  provider_id: "SM1", attempts: 1, retries: 1, next_try_at: "2099-11-25T11:07:40Z", sent_at: "2026-11-23T09:02:11Z", delivered_at: null, failed_at: null,
  updated_at: "2026-11-23T09:07:40Z",
};
const story: MessageStory = {
  message,
  attempts: [
    {
      attempt: 1, status: "failed", provider: "twilio", provider_id: "SM1", error: message.error, detail: "Unreachable destination handset", segments: 1,
      price: null, currency: null, began_at: "2026-11-23T09:02:10Z", sent_at: "2026-11-23T09:02:11Z", failed_at: "2026-11-23T09:07:40Z",
    },
  ],
  events: [],
};
const answers = { "GET /broadcasts/b1/messages": () => ({ messages: [message], next: null }), "GET /broadcasts/b1/messages/m1": () => story };

test("a row opens what happened to its message, by keyboard, and the address holds which", async () => {
  const { user, router } = showStep(<MessageTable tracking={{ ...aTracking, status: "sending", recipients: 1, pending: 1 }} />, { ...aBroadcast, status: "sending" }, answers);
  const opener = await screen.findByRole("button", { name: "Inés Pérez, what happened to this message" });
  opener.focus();
  await user.keyboard("{Enter}");
  expect(router.state.location.search).toEqual({ message: "m1" });
  const dialog = within(await screen.findByRole("dialog", { name: "What happened to this message" }));
  const course = within(await dialog.findByRole("region", { name: "What happened" }));
  expect(course.getAllByRole("listitem").map((each) => each.textContent)).toEqual([
    expect.stringMatching(/9:02:11Handed to Twilio$/),
    expect.stringMatching(/9:07:40Not delivered: the phone could not be reached \(30003\)$/),
    expect.stringMatching(/^It is tried again at Wed 25 Nov 2099 11:07\.$/),
  ]);
  expect(dialog.getByText("Hi Inés, see you on Friday.")).toBeVisible();
  await user.click(dialog.getByText("Details for the provider"));
  expect(dialog.getByText(/Twilio calls it SM1/)).toBeVisible();
  expect(dialog.getByText(/Unreachable destination handset/)).toBeVisible();
  await user.keyboard("{Escape}");
  await waitFor(() => expect(router.state.location.search).toEqual({}));
  await waitFor(() => expect(opener).toHaveFocus());
});

test("the table says why a message waits, and when it is tried again", async () => {
  showStep(<MessageTable tracking={{ ...aTracking, status: "sending", recipients: 1, pending: 1 }} />, { ...aBroadcast, status: "sending" }, answers);
  expect(await screen.findByText("The phone could not be reached. Tried again at Wed 25 Nov 2099 11:07.")).toBeVisible();
});
