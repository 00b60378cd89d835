import { MantineProvider } from "@mantine/core";
import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { render, screen, within } from "@testing-library/react";
import userEvent from "@testing-library/user-event";
import { expect, test, vi } from "vitest";
import type { WorkspaceSettings } from "@/api/types";
import { Sender } from "./Sender";

const settings: WorkspaceSettings = {
  id: "w1", name: "Demo", time_zone: "America/Chicago", currency: "USD", phone_region: "US", price_per_segment: "0.0079",
  sending_from: "08:00", sending_until: "21:00", company_name: "", postal_address: "",
};

test("the company and its address are saved together", async () => {
  const asked: unknown[] = [];
  vi.stubGlobal("fetch", async (request: Request) => {
    asked.push(JSON.parse(await request.text()));
    return Response.json({ ...settings, company_name: "Acme", postal_address: "1 Main St" });
  });
  render(
    <MantineProvider>
      <QueryClientProvider client={new QueryClient()}>
        <Sender settings={settings} />
      </QueryClientProvider>
    </MantineProvider>,
  );
  const form = within(screen.getByRole("form", { name: "Sender of emails" }));
  expect(form.getByRole("button", { name: "Save sender" })).toBeDisabled();
  await userEvent.type(form.getByLabelText("Company"), "Acme");
  await userEvent.type(form.getByLabelText("Postal address"), "1 Main St");
  expect(form.getByText("Not saved yet")).toBeVisible();
  await userEvent.click(form.getByRole("button", { name: "Save sender" }));
  expect(asked).toEqual([{ company_name: "Acme", postal_address: "1 Main St" }]);
});
