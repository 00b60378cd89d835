import { fireEvent, screen, waitFor } from "@testing-library/react";
import { expect, test } from "vitest";
import type { WorkspaceSettings } from "@/api/types";
import { Refusal, showScreen } from "@/testScreen";
import { SettingsPage } from "./SettingsPage";

const saved: WorkspaceSettings = {
  id: "w1", name: "My workspace", time_zone: "America/Chicago", currency: "USD", phone_region: "US", price_per_segment: "0.0079",
  sending_from: "08:00", sending_until: "21:00", company_name: "", postal_address: "",
};
const open = (change: (body: unknown) => unknown = (body) => ({ ...saved, ...(body as object) })) =>
  showScreen("/settings", { "/settings": SettingsPage }, ({ method, body }) => (method === "PATCH" ? change(body) : saved));

test("says what the hours mean, in which time zone, and that they are saved", async () => {
  await open();
  expect(await screen.findByText(/^Messages leave from 08:00 until 21:00, by the clock of the broadcast’s time zone \(America\/Chicago/)).toBeVisible();
  expect(screen.getByRole("status")).toHaveTextContent("Saved");
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
});

test("other hours are saved when asked to", async () => {
  const { user, sent } = await open();
  fireEvent.change(await screen.findByLabelText("From"), { target: { value: "09:30" } });
  expect(screen.getByRole("status")).toHaveTextContent("Not saved yet");
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent(/^Saved$/));
  expect(sent("PATCH").map(({ body }) => body)).toEqual([{ sending_from: "09:30", sending_until: "21:00" }]);
});

test("at any hour there are no times", async () => {
  const { user, sent } = await open();
  await user.click(await screen.findByRole("radio", { name: "At any hour" }));
  expect(screen.getByText("Messages leave at any hour, also in the night.")).toBeVisible();
  await user.click(screen.getByRole("button", { name: "Save" }));
  await waitFor(() => expect(screen.getByRole("status")).toHaveTextContent(/^Saved$/));
  expect(sent("PATCH").map(({ body }) => body)).toEqual([{ sending_from: null, sending_until: null }]);
});

test("an end before the beginning is said at the field, and not sent", async () => {
  await open();
  fireEvent.change(await screen.findByLabelText("Until"), { target: { value: "07:00" } });
  expect(screen.getByText("It must be later than the beginning, on the same day.")).toBeVisible();
  expect(screen.getByRole("button", { name: "Save" })).toBeDisabled();
});

test("what the server refuses stands at the field, or above the button where it is about none", async () => {
  const refusals = [new Refusal(422, "Too early.", ["/sending_from"]), new Refusal(403, "Only an admin may change the settings.")];
  const { user } = await open(() => refusals.shift());
  fireEvent.change(await screen.findByLabelText("From"), { target: { value: "05:00" } });
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByText("Too early.")).toBeVisible();
  expect(screen.getByLabelText("From")).toBeInvalid();
  fireEvent.change(screen.getByLabelText("From"), { target: { value: "06:00" } });
  await user.click(screen.getByRole("button", { name: "Save" }));
  expect(await screen.findByRole("alert")).toHaveTextContent("Only an admin may change the settings.");
});
