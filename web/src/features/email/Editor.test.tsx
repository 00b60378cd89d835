import { act, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { Block } from "./document";
import { aValue, pageOf, showEditor } from "./testEditor";

const heading: Block = { id: "h", type: "heading", text: 'Hi {{ first_name | default: "you" }}', level: 1, align: "left" };
const text: Block = { id: "t", type: "text", html: "<p>Come by</p>", align: "left" };
const row: Block = { id: "r", type: "columns", columns: [{ width: 50, blocks: [] }, { width: 50, blocks: [] }] };
const footer: Block = { id: "f", type: "footer", html: "", align: "center" };

it("begins with blocks, or with HTML of one's own, and takes that back", async () => {
  const { user, value, tab } = await showEditor({ value: aValue(null) });
  await user.click(screen.getByRole("button", { name: "Paste my own HTML" }));
  expect(value().email).toEqual({ kind: "html", html: "" });
  await user.type(screen.getByLabelText("HTML of the email"), "<p>Hi");
  expect(value().email).toEqual({ kind: "html", html: "<p>Hi" });
  await user.click(tab("Design"));
  await user.click(screen.getByRole("button", { name: "Begin anew with blocks" }));
  expect(value().email?.kind).toBe("blocks");
  await user.click(screen.getByRole("button", { name: "Undo: begin with blocks" }));
  expect(value().email).toEqual({ kind: "html", html: "<p>Hi" });
});

it("adds a block after the chosen one, and gives the focus to what is written next", async () => {
  const { user, blocks, heard } = await showEditor({ value: aValue(pageOf(heading, text, footer)) });
  await user.click(screen.getByRole("button", { name: "Heading: Hi {{ first_name | default: \"you\" }}" }));
  await user.click(screen.getByRole("radio", { name: "Add" }));
  await user.click(within(screen.getByRole("group", { name: "Add a block" })).getByRole("button", { name: "Button" }));
  expect(blocks().map(({ type }) => type)).toEqual(["heading", "button", "text", "footer"]);
  expect(heard()).toBe("Button added, place 2 of 4.");
  await waitFor(() => expect(screen.getByLabelText("Words on the button")).toHaveFocus());
  await user.keyboard("Book");
  expect(blocks()[1]).toMatchObject({ label: "Book" });
});

it("puts what is added without a place before the footer", async () => {
  const { user, blocks } = await showEditor({ value: aValue(pageOf(heading, footer)) });
  await user.click(within(screen.getByRole("group", { name: "Add a block" })).getByRole("button", { name: "Divider" }));
  expect(blocks().map(({ type }) => type)).toEqual(["heading", "divider", "footer"]);
});

it("moves, duplicates and removes by buttons, says so and keeps the focus", async () => {
  const { user, blocks, heard } = await showEditor({ value: aValue(pageOf(heading, text, row, footer)) });
  await user.click(screen.getByRole("button", { name: "Text: Come by" }));
  await user.click(screen.getByRole("button", { name: "Move up: Text: Come by" }));
  expect(blocks().map(({ id }) => id)).toEqual(["t", "h", "r", "f"]);
  expect(heard()).toBe("Text: Come by, place 1 of 4.");
  const up = screen.getByRole("button", { name: "Move up: Text: Come by" });
  expect(up).toHaveFocus();
  expect(up).toHaveAttribute("aria-disabled", "true");
  await user.click(screen.getByRole("button", { name: "Duplicate Text: Come by" }));
  expect(blocks().map(({ type }) => type)).toEqual(["text", "text", "heading", "columns", "footer"]);
  await user.click(screen.getByRole("button", { name: "Remove Text: Come by" }));
  expect(blocks().map(({ id }) => id)).toEqual(["t", "h", "r", "f"]);
  await user.keyboard("{Control>}z{/Control}");
  expect(blocks()).toHaveLength(5);
  await user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
  expect(blocks()).toHaveLength(4);
});

it("drags a block by keyboard into a column, and says each place", async () => {
  const { user, blocks, container } = await showEditor({ value: aValue(pageOf(text, row)) });
  const handle = screen.getByRole("button", { name: "Move Text: Come by" });
  const spoken = () => container.ownerDocument.querySelector("[id^=DndLiveRegion]")?.textContent;
  act(() => handle.focus());
  await user.keyboard(" ");
  await waitFor(() => expect(spoken()).toContain("place 1 of 2"));
  // Past itself, then into the first column.
  await user.keyboard("{ArrowDown}{ArrowDown}");
  await waitFor(() => expect(spoken()).toBe("Text: Come by would stand in column 1, place 1 of 1."));
  await user.keyboard(" ");
  await waitFor(() => expect(blocks()).toHaveLength(1));
  expect(blocks()[0]).toMatchObject({ columns: [{ blocks: [{ id: "t" }] }, { blocks: [] }] });
});

it("leaves a dragged block where it was at Escape", async () => {
  const { user, blocks, container } = await showEditor({ value: aValue(pageOf(text, row)) });
  const spoken = () => container.ownerDocument.querySelector("[id^=DndLiveRegion]")?.textContent;
  act(() => screen.getByRole("button", { name: "Move Text: Come by" }).focus());
  await user.keyboard(" ");
  await waitFor(() => expect(spoken()).toContain("place 1 of 2"));
  await user.keyboard("{ArrowDown}{ArrowDown}{Escape}");
  await waitFor(() => expect(spoken()).toBe("Put back where it was."));
  expect(blocks().map(({ id }) => id)).toEqual(["t", "r"]);
});

it("inserts a field as a chip that is stored as Liquid", async () => {
  const { user, blocks } = await showEditor({ value: aValue(pageOf(text)) });
  await user.click(screen.getByRole("button", { name: "Text: Come by" }));
  await user.click(await screen.findByRole("button", { name: "Insert field into the text" }));
  await user.type(screen.getByRole("combobox", { name: "Field" }), "First{Enter}");
  await user.type(screen.getByLabelText("If it is missing, write"), "you{Enter}");
  const chip = await screen.findByText("First name, or “you”");
  expect(chip).toHaveAttribute("data-liquid", '{{ first_name | default: "you" }}');
  expect(blocks()[0]).toMatchObject({ html: expect.stringContaining('{{ first_name | default: "you" }}') as string });
});

it("shows Liquid as chips, and no element that a text may not have", async () => {
  const evil: Block = { id: "t", type: "text", html: '<p>Hi {{ first_name }}<img src="x" onerror="alert(1)"><script>alert(1)</script></p>', align: "left" };
  const { container } = await showEditor({ value: aValue(pageOf(heading, evil)) });
  expect(screen.getByText("First name, or “you”")).toBeInTheDocument();
  expect(screen.getByText("First name")).toBeInTheDocument();
  expect(container.querySelector("[data-block=t] img, [data-block=t] script")).toBeNull();
  expect(container).not.toHaveTextContent("alert");
});

it("starts a new history with an email that comes from outside, and none with its own", async () => {
  const { user, give, value } = await showEditor({ value: aValue(pageOf(heading, text)) });
  await user.click(screen.getByRole("button", { name: "Text: Come by" }));
  await user.click(screen.getByRole("button", { name: "Remove Text: Come by" }));
  act(() => give(structuredClone(value())));
  expect(screen.getByRole("button", { name: "Undo: remove text" })).toBeInTheDocument();
  act(() => give({ ...value(), email: pageOf(footer) }));
  expect(screen.getByRole("button", { name: "Undo" })).toHaveAttribute("aria-disabled", "true");
  expect(screen.getByRole("group", { name: "Footer" })).toBeInTheDocument();
  expect(screen.queryByRole("group", { name: /^Heading/ })).toBeNull();
});

it("changes nothing for somebody who may only read", async () => {
  const { user, tab } = await showEditor({ value: aValue(pageOf(heading, text)), readOnly: true });
  expect(screen.getByLabelText("Subject")).toHaveAttribute("readonly");
  expect(screen.queryByRole("button", { name: /^(Move|Remove|Undo|Insert)/ })).toBeNull();
  expect(screen.queryByRole("group", { name: "Add a block" })).toBeNull();
  await user.click(tab("HTML"));
  expect(screen.queryByRole("button", { name: "Use my own HTML" })).toBeNull();
});

it("takes a colour when it is whole, as one edit, and gives back that of the style", async () => {
  const button: Block = { id: "b", type: "button", label: "Book", href: "https://a.example", align: "center", full_width: false, color: null, text_color: null };
  const { user, blocks } = await showEditor({ value: aValue(pageOf(button)) });
  await user.click(screen.getByRole("button", { name: "Button: Book" }));
  const color = screen.getByLabelText("Colour");
  await user.clear(color);
  await user.type(color, "#AA");
  expect(blocks()[0]).toMatchObject({ color: null });
  await user.type(color, "3300");
  expect(blocks()[0]).toMatchObject({ color: "#aa3300" });
  await user.click(screen.getByRole("button", { name: "Colour: as in the style" }));
  expect(blocks()[0]).toMatchObject({ color: null });
  await user.click(screen.getByRole("button", { name: "Undo: change button" }));
  await user.click(screen.getByRole("button", { name: "Undo: change button" }));
  expect(blocks()[0]).toMatchObject({ color: null });
  expect(screen.getByRole("button", { name: "Undo" })).toHaveAttribute("aria-disabled", "true");
});
