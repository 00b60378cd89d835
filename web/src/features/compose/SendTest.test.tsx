import { screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { StepTest } from "@/api/types";
import { aBroadcast, showStep } from "@/testDraft";
import { SendTest } from "./SendTest";

const STEP = "/broadcasts/b1/steps/s1";

const aTest = (over: Partial<StepTest> = {}): StepTest => ({
  id: "t1", channel: "sms", address: "+15125550177", contact_id: "c1", status: "queued", words: null, error_code: null,
  created_at: new Date().toISOString(), sent_at: null, delivered_at: null, failed_at: null, ...over,
});

const ann = { id: "c1", first_name: "Ann", last_name: "Lee", phone_number: null, email: null, metadata: {}, columns: {}, address: null, left_out: null };
const bo = { ...ann, id: "c2", first_name: "Bo", last_name: "Ray" };

interface Known {
  email: string | null;
  phone: string | null;
  members: { name: string; email: string }[];
}

const nobody: Known = { email: null, phone: null, members: [] };

function open(known: Known, answers: Record<string, (body: unknown) => unknown> = {}, channel: "sms" | "email" = "sms") {
  let tests: StepTest[] = [];
  return showStep(<SendTest channel={channel} shown={{ id: "c1", name: "Ann Lee" }} />, { ...aBroadcast, steps: aBroadcast.steps.map((step) => ({ ...step, channel })) }, {
    [`GET ${STEP}/tests`]: () => ({ tests }),
    "GET /me/test-addresses": () => known,
    "POST /audience/contacts": () => ({ contacts: [ann, bo], next: null }),
    [`POST ${STEP}/test`]: (body) => {
      const { to } = body as { to: string | null };
      tests = [aTest({ channel, address: to ?? known[channel === "sms" ? "phone" : "email"] ?? "", status: "sent", sent_at: new Date().toISOString() })];
      return Response.json({ ...tests[0], status: "queued", sent_at: null }, { status: 202 });
    },
    ...answers,
  });
}

const form = async (user: ReturnType<typeof showStep>["user"]) => {
  await user.click(await screen.findByRole("button", { name: "Send a test to me" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Send a test to me" }));
  await dialog.findByRole("button", { name: /^Send this/ });
  return dialog;
};

it("asks for the number the first time, and says what became of the test", async () => {
  const { user, requests } = open(nobody);
  const dialog = await form(user);
  await user.type(dialog.getByLabelText("Your mobile number"), "+15125550177");
  await user.click(dialog.getByRole("button", { name: "Send this SMS to me" }));
  expect(await screen.findByText("Sent to +15125550177")).toBeVisible();
  expect(screen.getByText(/just now|\d s ago/)).toBeVisible();
  expect(requests.find(({ path }) => path === `${STEP}/test`)?.body).toEqual({ channel: "sms", to: "+15125550177", contact_id: "c1" });
  await waitFor(() => expect(screen.queryByRole("dialog")).toBeNull());
});

it("shows the test as the person who is chosen gets it", async () => {
  const { user, requests } = open({ ...nobody, phone: "+15125550177" });
  const dialog = await form(user);
  expect(dialog.queryByLabelText("Your mobile number")).toBeNull();
  await user.click(dialog.getByRole("combobox", { name: "As this person gets it" }));
  await user.click(await dialog.findByRole("option", { name: "Bo Ray" }));
  await user.click(dialog.getByRole("button", { name: "Send this SMS to me" }));
  await screen.findByText("Sent to +15125550177");
  expect(requests.find(({ path }) => path === `${STEP}/test`)?.body).toEqual({ channel: "sms", to: null, contact_id: "c2" });
});

it("sends to a member by email", async () => {
  const members = [{ name: "Me", email: "me@a.example" }, { name: "Bo", email: "bo@a.example" }];
  const { user, requests } = open({ ...nobody, email: "me@a.example", members }, {}, "email");
  const dialog = await form(user);
  await user.click(dialog.getByRole("combobox", { name: "To" }));
  await user.click(await dialog.findByRole("option", { name: "Bo, bo@a.example" }));
  await user.click(dialog.getByRole("button", { name: "Send this email to me" }));
  await screen.findByText("Sent to bo@a.example");
  expect(requests.find(({ path }) => path === `${STEP}/test`)?.body).toEqual({ channel: "email", to: "bo@a.example", contact_id: "c1" });
});

it("changes the address before it sends", async () => {
  let kept: unknown = null;
  const { user, requests } = open({ ...nobody, email: "old@a.example" }, {
    "PATCH /me/test-addresses": (body) => {
      kept = body;
      return { ...nobody, email: "new@a.example" };
    },
  }, "email");
  const dialog = await form(user);
  await user.click(dialog.getByRole("button", { name: "Change my e-mail address" }));
  const field = dialog.getByLabelText("Your e-mail address");
  await user.clear(field);
  await user.type(field, "new@a.example");
  await user.click(dialog.getByRole("button", { name: "Send this email to me" }));
  await waitFor(() => expect(requests.find(({ path }) => path === `${STEP}/test`)?.body).toMatchObject({ to: null }));
  expect(kept).toEqual({ email: "new@a.example" });
});

it("says at the field what is wrong with the address, and above the button what else is", async () => {
  const wrong = "This is no phone number. Give one like +1 512 555 0100.";
  const answer = { status: 422, body: { title: "Not valid", detail: wrong, errors: [{ pointer: "/to", detail: wrong }] } };
  const { user } = open(nobody, { [`POST ${STEP}/test`]: () => Response.json(answer.body, { status: answer.status }) });
  const dialog = await form(user);
  await user.type(dialog.getByLabelText("Your mobile number"), "12");
  await user.click(dialog.getByRole("button", { name: "Send this SMS to me" }));
  await waitFor(() => expect(dialog.getByLabelText("Your mobile number")).toHaveAccessibleDescription(expect.stringContaining(wrong)));
  expect(dialog.queryByRole("alert")).toBeNull();
  const most = "You have sent 20 tests within an hour, which is the most. The next one can leave in 9 minutes.";
  Object.assign(answer, { status: 409, body: { title: "Conflict", detail: most, errors: [] } });
  await user.click(dialog.getByRole("button", { name: "Send this SMS to me" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent(most);
});

it("tells of the last test after a reload", async () => {
  open({ ...nobody, phone: "+15125550177" }, { [`GET ${STEP}/tests`]: () => ({ tests: [aTest({ status: "failed", words: "The number does not exist.", failed_at: new Date().toISOString() })] }) });
  expect(await screen.findByText("Failed: The number does not exist.")).toBeVisible();
});
