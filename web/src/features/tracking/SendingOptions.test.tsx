import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, showStep } from "@/testDraft";
import type { Broadcast } from "@/api/types";
import { SendingOptions } from "./SendingOptions";

const sending: Broadcast = { ...aBroadcast, status: "sending", max_per_minute: 60 };

test("is changed for what has not left, with the version that was read", async () => {
  const { user, requests } = showStep(<SendingOptions />, sending, {
    "GET /broadcasts/b1": () => sending,
    "PATCH /broadcasts/b1": (body) => ({ ...sending, ...(body as object), version: 4 }),
  });
  await user.click(await screen.findByRole("button", { name: "Sending options" }));
  expect(await screen.findByRole("button", { name: "Save" })).toBeDisabled();
  await user.click(screen.getByRole("radio", { name: "As fast as the sender allows" }));
  const changes = () => requests.filter(({ method }) => method === "PATCH");
  expect(changes()).toEqual([]);
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
  expect(changes().map(({ body }) => body)).toEqual([{ version: 3, max_per_minute: null, late_policy: "catch_up", stop_at_failure_rate: 0.25 }]);
});

test("changed elsewhere: it says so with what holds now, and saves over it only when asked again", async () => {
  const newer: Broadcast = { ...sending, version: 9, max_per_minute: 90 };
  let isFirst = true;
  const { user, requests } = showStep(<SendingOptions />, sending, {
    "GET /broadcasts/b1": () => (isFirst ? sending : newer),
    "PATCH /broadcasts/b1": (body) => {
      if (!isFirst) return { ...newer, ...(body as object), version: 10 };
      isFirst = false;
      return Response.json({ type: "", title: "Changed", status: 409, detail: "It was changed elsewhere." }, { status: 409 });
    },
  });
  await user.click(await screen.findByRole("button", { name: "Sending options" }));
  await user.click(await screen.findByRole("radio", { name: "Never" }));
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText(/It was changed elsewhere\. Not saved\. It is set to: At most 90 messages per minute/)).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(requests.findLast(({ method }) => method === "PATCH")?.body).toMatchObject({ version: 9, stop_at_failure_rate: null }));
});
