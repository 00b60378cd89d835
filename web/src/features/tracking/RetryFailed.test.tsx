import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { RetryPreview, Tracking } from "@/api/types";
import { RetryFailed } from "./RetryFailed";

const completed: Tracking = { ...aTracking, status: "completed", recipients: 500, delivered: 359, failed: 141 };
const preview: RetryPreview = {
  will_retry: 128, reasons: [{ code: "30003", words: "The phone could not be reached.", messages: 128 }],
  left_out: 13, left_out_reasons: [{ words: "The person has opted out.", messages: 13 }], problem: null,
};
const again = (expected: number) => ({ messages: expected, broadcast: { ...aBroadcast, status: "sending" } });

function show(answers: Record<string, (body: unknown) => unknown>, tracking = completed) {
  return showStep(<><p>Tracking</p><RetryFailed tracking={tracking} /></>, { ...aBroadcast, status: tracking.status }, answers);
}

test("says how many of how many, why, and who is left out; the button names the number", async () => {
  const { user, requests } = show({ "GET /broadcasts/b1/retry-failed": () => preview, "POST /broadcasts/b1/retry-failed": () => again(128) });
  await user.click(await screen.findByRole("button", { name: "Retry failed" }));
  expect(await screen.findByText(/^Send 128 of 141 failed messages again\./)).toBeVisible();
  expect(screen.getByRole("region", { name: "Sent again" })).toHaveTextContent("The phone could not be reached. 128 messages");
  expect(screen.getByRole("region", { name: "Left as they are: 13" })).toHaveTextContent("The person has opted out. 13 messages");
  expect(screen.queryByRole("textbox")).toBeNull();
  await user.click(screen.getByRole("button", { name: "Send 128 again" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(requests.findLast(({ method }) => method === "POST")?.body).toEqual({ expected: 128 });
});

test("when the number has moved it says so, shows the new one and sends nothing by itself", async () => {
  let now = 128;
  const { user, requests } = show({
    "GET /broadcasts/b1/retry-failed": () => ({ ...preview, will_retry: now }),
    "POST /broadcasts/b1/retry-failed": (body) => {
      if ((body as { expected: number }).expected === 130) return again(130);
      now = 130;
      return Response.json({ type: "", title: "Moved", status: 409, detail: "The messages have moved." }, { status: 409 });
    },
  });
  await user.click(await screen.findByRole("button", { name: "Retry failed" }));
  await user.click(await screen.findByRole("button", { name: "Send 128 again" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("The messages have moved. Nothing was sent; these are the newest numbers.");
  const next = await screen.findByRole("button", { name: "Send 130 again" });
  expect(requests.filter(({ method }) => method === "POST")).toHaveLength(1);
  await user.click(next);
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

test("a large number is typed first", async () => {
  const { user } = show({ "GET /broadcasts/b1/retry-failed": () => ({ ...preview, will_retry: 1_001 }) }, { ...completed, failed: 2_000 });
  await user.click(await screen.findByRole("button", { name: "Retry failed" }));
  const send = await screen.findByRole("button", { name: "Send 1,001 again" });
  expect(send).toBeDisabled();
  await user.type(screen.getByRole("textbox", { name: "Type 1,001 to confirm" }), "1001");
  expect(send).toBeEnabled();
});

test("when nothing can be sent again it says why, and there is no button for it", async () => {
  const { user } = show({ "GET /broadcasts/b1/retry-failed": () => ({ ...preview, will_retry: 0, problem: "The broadcast was cancelled." }) });
  await user.click(await screen.findByRole("button", { name: "Retry failed" }));
  const dialog = within(await screen.findByRole("dialog"));
  expect(await dialog.findByText("The broadcast was cancelled.")).toBeVisible();
  expect(dialog.queryByRole("button", { name: /again/ })).toBeNull();
});

test("it is offered only where something failed and may be sent again", async () => {
  show({}, { ...completed, status: "cancelled" });
  expect(await screen.findByText("Tracking")).toBeVisible();
  expect(screen.queryByRole("button")).toBeNull();
});
