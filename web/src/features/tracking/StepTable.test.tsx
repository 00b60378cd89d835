import { screen, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { aBroadcast, aTracking, showStep } from "@/testDraft";
import type { Broadcast, Step, StepNumbers, Tracking } from "@/api/types";
import { Gone } from "./Gone";
import { LeftOut } from "./LeftOut";
import { Reactions } from "./Reactions";
import { StepTable } from "./StepTable";

const [first] = aBroadcast.steps;
if (first === undefined) throw new Error("a broadcast has a step");
const done: Step = { ...first, channel: "email", status: "completed", launched_at: "2026-11-25T15:00:00Z" };
const coming: Step = { ...first, id: "s2", position: 2, name: "Reminder", status: "scheduled", scheduled_for: null, day_number: 3, day_time: "09:00" };
const sequence: Broadcast = { ...aBroadcast, broadcast_type: "sms_email", status: "sending", steps: [done, coming] };

const numbers = (over: Partial<StepNumbers>): StepNumbers => ({
  step_id: "s1", channels: [], messages: 100, delivered: 80, failed: 5, pending: 3, on_the_way: 2, skipped: 10, opened: 40, machine_opened: 7, clicked: 12, replied: 4, ...over,
});

const tracking: Tracking = {
  ...aTracking, status: "sending", delivered: 80, steps: [numbers({}), numbers({ step_id: "s2", messages: 0, opened: 0, machine_opened: 0, clicked: 0, replied: 0 })],
  left: [{ reason: "replied", contacts: 4 }, { reason: "opted_out", contacts: 2 }, { reason: "goal", contacts: 0 }],
  channels: [{ channel: "sms", left_out: [{ reason: "no_phone", contacts: 3 }] }, { channel: "email", left_out: [{ reason: "opted_out", contacts: 6 }] }],
};

test("each step says what came of it, or when it follows, and what follows can be changed", async () => {
  const { user, router } = showStep(<StepTable tracking={tracking} />, sequence);
  const [head, one, two] = within(await screen.findByRole("table", { name: "Steps" })).getAllByRole("row");
  expect(within(head as HTMLElement).getAllByRole("columnheader").map((each) => each.textContent)).toEqual([
    "Step", "When", "Sent", "Delivered", "Failed", "Opened", "Clicked", "Replied", "Skipped", "Change",
  ]);
  const cells = within(one as HTMLElement).getAllByRole("cell").map((each) => each.textContent);
  expect(cells.slice(2, 9)).toEqual(["87", "80", "5", "40 50%", "12", "4", "10"]);
  expect(cells[1]).toMatch(/^Done, /);
  expect(within(one as HTMLElement).getByRole("button", { name: "Open Step 1" })).toBeVisible();
  expect(within(two as HTMLElement).getAllByRole("cell").map((each) => each.textContent).slice(0, 5)).toEqual(["Reminder", "Fri 27 Nov 9:00", "", "", ""]);
  await user.click(within(two as HTMLElement).getByRole("button", { name: "Change Step 2, Reminder" }));
  expect(router.state.location.search).toEqual({ edit: "s2" });
});

test("before anything is sent there are no columns of numbers", async () => {
  showStep(<StepTable tracking={tracking} />, { ...sequence, status: "scheduled", steps: [{ ...done, status: "scheduled" }, coming] });
  const table = await screen.findByRole("table", { name: "Steps" });
  expect(within(table).getAllByRole("columnheader").map((each) => each.textContent)).toEqual(["Step", "When", "Change"]);
});

test("who has left is counted by reason, and each number opens its people", async () => {
  const { user, router } = showStep(<Gone left={tracking.left} />, sequence);
  expect(await screen.findByRole("heading", { name: "6 left the sequence" })).toBeVisible();
  expect(screen.queryByRole("button", { name: /goal/ })).toBeNull();
  await user.click(screen.getByRole("button", { name: "Opted out 2, show the people" }));
  expect(router.state.location.search).toEqual({ people: "gone.opted_out" });
});

test("of two channels each says whom it does not reach", async () => {
  const { user, router } = showStep(<LeftOut tracking={tracking} />, sequence);
  expect(await screen.findByRole("heading", { name: "3 not reached by SMS" })).toBeVisible();
  await user.click(within(screen.getByRole("region", { name: "Not reached by email" })).getByRole("button", { name: "Opted out 6, show the people" }));
  expect(router.state.location.search).toEqual({ people: "email.opted_out" });
});

test("reactions are added up, without what only programs opened", async () => {
  showStep(<Reactions tracking={tracking} />, sequence);
  const region = await screen.findByRole("region", { name: "Reactions" });
  expect(within(region).getAllByRole("listitem").map((each) => each.textContent)).toEqual([
    "Opened 40 50% of the delivered", "Clicked 12 15% of the delivered", "Replied 4 5.0% of the delivered",
  ]);
  expect(region).toHaveTextContent("7 more were opened by a program only");
});

test("one SMS has none of it", async () => {
  const { router } = showStep(
    <>
      <p>Here</p>
      <StepTable tracking={tracking} />
      <Reactions tracking={tracking} />
      <Gone left={tracking.left} />
    </>,
    { ...aBroadcast, status: "sending" },
  );
  expect(await screen.findByText("Here")).toBeVisible();
  expect(screen.queryAllByRole("region")).toEqual([]);
  expect(router.state.location.pathname).toBe("/broadcasts/b1/tracking");
});
