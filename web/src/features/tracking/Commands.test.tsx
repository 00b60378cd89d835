import { screen } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { Broadcast, Tracking } from "@/api/types";
import { Commands } from "./Commands";

async function askToCancel(tracking: Partial<Tracking>, broadcast: Partial<Broadcast> = {}) {
  const shown = showStep(<Commands tracking={{ ...aTracking, status: "sending", ...tracking }} />, { ...aBroadcast, status: "sending", ...broadcast }, {
    "POST /broadcasts/b1/cancel": () => ({ ...aBroadcast, status: "cancelled" }),
  });
  await shown.user.click(await screen.findByRole("button", { name: "Cancel" }));
  await screen.findByRole("dialog");
  return shown;
}

const saving = (saved: number, expected: number) => ({ state: "saving", saved, expected, saved_at: null, note: null }) as const;

test("it names how many are not sent", async () => {
  await askToCancel({ recipients: 20, pending: 12 });
  expect(screen.getByRole("button", { name: "Cancel the 12 messages not yet sent" })).toBeEnabled();
  expect(screen.queryByText(/not begun/)).toBeNull();
});

test("while people are being saved, those who are to come are counted, and typed", async () => {
  const { user, requests } = await askToCancel({ recipients: 900, pending: 800, saving: saving(2_000, 12_000) });
  const button = screen.getByRole("button", { name: "Cancel about 10,800 messages not yet sent" });
  expect(button).toBeDisabled();
  await user.type(screen.getByLabelText("Type 10,800 to confirm"), "10,800");
  await user.click(button);
  expect(requests.some(({ method, path }) => method === "POST" && path === "/broadcasts/b1/cancel")).toBe(true);
});

test("steps that have not begun are named, for their messages are in no number", async () => {
  await askToCancel({ recipients: 20, pending: 12 }, {
    steps: aBroadcast.steps.flatMap((step) => [
      { ...step, status: "sending" }, { ...step, id: "s2", status: "scheduled" }, { ...step, id: "s3", status: "scheduled" },
    ]),
  });
  expect(screen.getByText("The 2 steps that have not begun will not be sent either.")).toBeVisible();
});
