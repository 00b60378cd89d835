import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, showStep } from "@/testDraft";
import { MoreOptions } from "./MoreOptions";

const saved = (body: unknown) => ({ ...aBroadcast, version: 4, ...(body as object) });

async function open(...[broadcast = aBroadcast, answer = saved]: [typeof aBroadcast?, ((body: unknown) => unknown)?]) {
  const shown = showStep(<MoreOptions />, broadcast, { "PATCH /broadcasts/b1": answer });
  const button = await screen.findByRole("button", { name: "Sending options" });
  return { ...shown, button };
}

test("closed it says in one sentence what is chosen", async () => {
  const { button } = await open();
  expect(button).toHaveAttribute("aria-expanded", "false");
  expect(screen.getByText("As fast as the sender allows · Stops by itself when more than 25% fail · If its time is missed: sent as soon as allowed")).toBeVisible();
});

test("a speed limit is saved with the broadcast, and said", async () => {
  const { user, button, requests } = await open();
  await user.click(button);
  await user.click(await screen.findByRole("radio", { name: "At most 600 messages per minute" }));
  const limit = screen.getByRole("textbox", { name: "Messages per minute" });
  await user.clear(limit);
  expect(screen.getByRole("alert")).toHaveTextContent("Give a number from 1 to 10,000,000; 600 is kept.");
  await user.type(limit, "1200");
  expect(screen.queryByRole("alert")).toBeNull();
  expect(screen.getByText(/^At most 1,200 messages per minute ·/)).toBeVisible();
  await waitFor(() => expect(requests.at(-1)).toEqual({ path: "/broadcasts/b1", method: "PATCH", body: { version: 3, max_per_minute: 1200 } }));
});

test("without a limit and without a stop are values of their own", async () => {
  const { user, button, requests } = await open({ ...aBroadcast, max_per_minute: 60 });
  await user.click(button);
  await user.click(await screen.findByRole("radio", { name: "As fast as the sender allows" }));
  await user.click(screen.getByRole("radio", { name: "Never" }));
  await user.click(screen.getByRole("radio", { name: "Ask me" }));
  expect(screen.getByText(/· Never stops by itself · If its time is missed: paused until somebody decides$/)).toBeVisible();
  await waitFor(() => expect(requests.at(-1)?.body).toEqual({ version: 3, max_per_minute: null, stop_at_failure_rate: null, late_policy: "ask" }));
});

test("per cent are sent as a share", async () => {
  const { user, button, requests } = await open();
  await user.click(button);
  const percent = await screen.findByRole("textbox", { name: "Per cent that fail" });
  await user.clear(percent);
  await user.type(percent, "7.5");
  await waitFor(() => expect(requests.at(-1)?.body).toEqual({ version: 3, stop_at_failure_rate: 0.075 }));
});

test("what the server refuses is said at its field", async () => {
  const detail = "Give a whole number that the sender can reach.";
  const refusal = () => Response.json({ type: "", title: "Refused", status: 422, detail, errors: [{ pointer: "/max_per_minute", detail }] }, { status: 422 });
  const { user, button } = await open(aBroadcast, refusal);
  await user.click(button);
  await user.click(await screen.findByRole("radio", { name: /^At most/ }));
  expect(await screen.findByText(detail)).toBeVisible();
  expect(screen.getByRole("textbox", { name: "Messages per minute" })).toHaveAccessibleDescription(detail);
});

test("of a launched broadcast it can be read here, not changed", async () => {
  const { user, button } = await open({ ...aBroadcast, status: "sending", max_per_minute: 60 });
  await user.click(button);
  expect(await screen.findByRole("radio", { name: "At most 60 messages per minute" })).toBeDisabled();
  expect(screen.getByRole("textbox", { name: "Messages per minute" })).toBeDisabled();
});
