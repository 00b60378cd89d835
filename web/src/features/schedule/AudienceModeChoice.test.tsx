import { screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, showStep } from "@/testDraft";
import { AudienceModeChoice } from "./AudienceModeChoice";

test("what the server chose is shown, another choice is saved with the broadcast", async () => {
  const { user, requests } = showStep(<AudienceModeChoice />, aBroadcast, {
    "PATCH /broadcasts/b1": (body) => ({ ...aBroadcast, version: 4, ...(body as object) }),
  });
  expect(await screen.findByRole("radio", { name: "Save the people now" })).toBeChecked();
  await user.click(screen.getByRole("radio", { name: "Find the people when it is sent" }));
  expect(screen.getByRole("radio", { name: "Find the people when it is sent" })).toBeChecked();
  await waitFor(() => expect(requests).toEqual([{ path: "/broadcasts/b1", method: "PATCH", body: { version: 3, audience_mode: "resolved_at_send" } }]));
});

test("a launched broadcast keeps its choice", async () => {
  showStep(<AudienceModeChoice />, { ...aBroadcast, status: "scheduled", audience_mode: "resolved_at_send" });
  expect(await screen.findByRole("radio", { name: "Find the people when it is sent" })).toBeChecked();
  expect(screen.getByRole("radio", { name: "Save the people now" })).toBeDisabled();
});
