import { act, fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Block } from "./document";
import { aValue, pageOf, showEditor } from "./testEditor";

const text: Block = { id: "t", type: "text", html: "<p>Come by</p>", align: "left" };
const image: Block = { id: "i", type: "image", src: "/images/1", alt: "", width: 100, align: "center", href: "" };
const row: Block = { id: "r", type: "columns", columns: [{ width: 50, blocks: [image] }, { width: 50, blocks: [] }] };

const frame = () => screen.getByTitle<HTMLIFrameElement>("Preview of the email");

it("shows the email as the person chosen gets it, in a frame that can do nothing", async () => {
  const preview = { contact: { first_name: "Ann" }, stepper: <button type="button">Somebody else</button> };
  const { tab, asked, user, read } = await showEditor({ value: aValue(pageOf(text)), preview });
  await user.click(tab("Preview"));
  await waitFor(() => expect(frame().srcdoc).toBe("<p>For Ann</p>"));
  expect(frame().getAttribute("sandbox")).toBe("");
  expect(screen.getByRole("button", { name: "Somebody else" })).toBeInTheDocument();
  expect(within(screen.getByRole("group", { name: "In the mailbox" })).getByText("Hello")).toBeInTheDocument();

  act(() => read({ ...preview, contact: { first_name: "Bo" }, unreached: "Bo gets no email." }));
  // The old page stays until the new one is drawn.
  const next = await screen.findByTitle<HTMLIFrameElement>("Next preview of the email");
  expect(next.srcdoc).toBe("<p>For Bo</p>");
  expect(frame().srcdoc).toBe("<p>For Ann</p>");
  fireEvent.load(next);
  await waitFor(() => expect(frame().srcdoc).toBe("<p>For Bo</p>"));
  expect(frame()).toBe(next);
  expect(screen.getByText("Bo gets no email.")).toBeInTheDocument();
  expect(asked.at(-1)?.contact).toEqual({ first_name: "Bo" });
});

it("keeps the last preview, dimmed, while the email cannot be made", async () => {
  const { user, tab, give, value } = await showEditor({
    value: aValue(pageOf(text)),
    check: ({ subject }) => (subject === "{{" ? { html: "", errors: [{ pointer: "/subject", detail: "A token is not closed." }] } : {}),
  });
  await user.click(tab("Preview"));
  await waitFor(() => expect(frame().srcdoc).toBe("<p>For nobody</p>"));
  act(() => give({ ...value(), subject: "{{" }));
  await screen.findByText("1 problem");
  expect(frame().srcdoc).toBe("<p>For nobody</p>");
  expect(frame().parentElement).toHaveAttribute("data-stale");
  expect(screen.getByLabelText("Subject")).toBeInvalid();
});

it("says so when the server cannot be reached, and goes on", async () => {
  const { user, tab, blocks } = await showEditor({
    value: aValue(pageOf(text)),
    check: () => {
      throw new TypeError("offline");
    },
  });
  await user.click(tab("Preview"));
  expect(await screen.findByText(/cannot reach its server/)).toBeInTheDocument();
  await user.click(tab("Design"));
  await user.click(within(screen.getByRole("group", { name: "Add a block" })).getByRole("button", { name: "Space" }));
  expect(blocks()).toHaveLength(2);
});

it("leads from a check to its place, problems first", async () => {
  const { user, tab } = await showEditor({
    value: aValue(pageOf(text, row)),
    check: () => ({
      checks: [
        { kind: "subject", severity: "advice", detail: "It is short.", pointer: "/subject" },
        { kind: "alt", severity: "problem", detail: "It has no words.", pointer: "/email/blocks/1/columns/0/blocks/0/alt" },
        { kind: "size", severity: "advice", detail: "It is large.", pointer: "/email" },
      ],
    }),
  });
  await user.click(tab("Text part"));
  const list = within(await screen.findByRole("region", { name: "Checks" }));
  expect(list.getByText("1 problem, 2 pieces of advice")).toBeInTheDocument();
  expect(list.getAllByRole("listitem").map((item) => item.textContent)).toEqual(["Image: It has no words.", "Subject: It is short.", "It is large."]);
  await user.click(list.getByRole("button", { name: "Image: It has no words." }));
  expect(tab("Design")).toHaveAttribute("aria-selected", "true");
  expect(screen.getByRole("button", { name: "Image", pressed: true })).toHaveFocus();
  expect(screen.getByLabelText("What the picture shows")).toBeInTheDocument();
  await user.click(list.getByRole("button", { name: "Subject: It is short." }));
  expect(screen.getByLabelText("Subject")).toHaveFocus();
});

it("shows at the block what was refused when the email was saved", async () => {
  await showEditor({ value: aValue(pageOf(text, row)), faults: [{ pointer: "/email/blocks/0/html", detail: "This is too long." }] });
  expect(within(screen.getByRole("group", { name: "Text: Come by" })).getByText("This is too long.")).toBeInTheDocument();
});

it("makes the text part from the email until somebody writes their own, and brings that back", async () => {
  const { user, tab, value } = await showEditor({ value: aValue(pageOf(text)) });
  await user.click(tab("Text part"));
  const area = screen.getByRole("textbox", { name: "Text part" });
  await waitFor(() => expect(area).toHaveValue("Made {{ first_name }}"));
  expect(area).toHaveAttribute("readonly");
  expect(value().text_part).toBeNull();
  await user.click(screen.getByRole("button", { name: "Change it by hand" }));
  await user.type(area, " by hand");
  expect(value().text_part).toBe("Made {{ first_name }} by hand");
  await user.click(screen.getByRole("button", { name: "Make it from the email again" }));
  expect(value().text_part).toBeNull();
  await user.click(screen.getByRole("button", { name: "Bring back what I wrote" }));
  expect(value().text_part).toBe("Made {{ first_name }} by hand");
});

it("puts fields into the subject where the cursor stands, and counts as it will be read", async () => {
  const { user, value } = await showEditor({
    value: aValue(pageOf(text)),
    check: ({ subject }) => ({ subject: subject.replace("{{ first_name }}", "Ann") }),
  });
  const subject = screen.getByLabelText<HTMLInputElement>("Subject");
  await user.click(subject);
  subject.setSelectionRange(0, 0);
  await user.click(screen.getByRole("button", { name: "Insert field into: Subject" }));
  await user.type(screen.getByRole("combobox", { name: "Field" }), "First{Enter}{Enter}");
  await waitFor(() => expect(value().subject).toBe("{{ first_name }}Hello"));
  expect(await screen.findByText(/^8 characters/)).toBeInTheDocument();
});

it("keeps no name and no address as the sender's own", async () => {
  const { user, value } = await showEditor({ value: { ...aValue(pageOf(text)), from_name: "A" } });
  await user.clear(screen.getByLabelText("From"));
  expect(value().from_name).toBeNull();
  await user.type(screen.getByLabelText("Answers go to"), "a@b.example");
  expect(value().reply_to).toBe("a@b.example");
});
