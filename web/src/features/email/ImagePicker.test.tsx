import { fireEvent, screen, waitFor, within } from "@testing-library/react";
import { expect, it } from "vitest";
import type { StoredImage } from "@/api/types";
import type { Block } from "./document";
import { whyNot } from "./ImagePicker";
import { aValue, pageOf, showEditor } from "./testEditor";

const image: Block = { id: "i", type: "image", src: "", alt: "", width: 100, align: "center", href: "" };

const stored = (id: string): StoredImage => ({
  id, url: `/images/${id}`, name: `${id}.png`, content_type: "image/png", width: 640, height: 400, bytes: 900, uploaded_by: "Ana", created_at: "2026-11-23T16:00:00Z",
});

async function openPicker(answers: Record<string, (request: Request) => unknown> = {}) {
  const shown = await showEditor({ value: aValue(pageOf(image)), answers: { "GET /images": () => ({ images: [stored("van"), stored("logo")], next: null }), ...answers } });
  await shown.user.click(within(screen.getByRole("group", { name: "Email" })).getByRole("button", { name: "Image" }));
  await shown.user.click(screen.getByRole("button", { name: "Choose a picture" }));
  const dialog = within(await screen.findByRole("dialog", { name: "Choose a picture" }));
  await dialog.findByRole("button", { name: /^van\.png/ });
  return { ...shown, dialog };
}

const png = new File(["x"], "new.png", { type: "image/png" });

it("takes an earlier picture and asks what it shows", async () => {
  const { user, dialog, blocks } = await openPicker();
  await user.click(dialog.getByRole("button", { name: /^logo\.png/ }));
  expect(blocks()[0]).toMatchObject({ src: "/images/logo", alt: "" });
  await waitFor(() => expect(screen.getByLabelText("What the picture shows")).toHaveFocus());
  await user.keyboard("Our logo");
  expect(blocks()[0]).toMatchObject({ src: "/images/logo", alt: "Our logo" });
});

it.each([
  ["dropped", (file: File) => fireEvent.drop(window, { dataTransfer: { files: [file] } })],
  ["pasted", (file: File) => fireEvent.paste(window, { clipboardData: { files: [file] } })],
])("uploads a file that is %s", async (_, give) => {
  const uploads: string[] = [];
  const { blocks } = await openPicker({
    "POST /images": (request) => {
      uploads.push(request.headers.get("content-type") ?? "");
      return Response.json(stored("new"), { status: 201 });
    },
  });
  give(png);
  await waitFor(() => expect(blocks()[0]).toMatchObject({ src: "/images/new" }));
  expect(uploads).toHaveLength(1);
  expect(uploads[0]).toMatch(/^multipart\/form-data; boundary=/);
});

it("says why the server refused a file", async () => {
  const detail = "This is no picture that can be read. Choose a PNG, JPEG, GIF or WebP file.";
  const { dialog, blocks } = await openPicker({ "POST /images": () => Response.json({ title: "Not valid", detail, errors: [] }, { status: 422 }) });
  fireEvent.drop(window, { dataTransfer: { files: [png] } });
  expect(await dialog.findByRole("alert")).toHaveTextContent(detail);
  expect(blocks()[0]).toMatchObject({ src: "" });
});

it("sends nothing that can be no picture", async () => {
  let sent = 0;
  const { dialog } = await openPicker({ "POST /images": () => (sent += 1) });
  fireEvent.drop(window, { dataTransfer: { files: [new File(["x"], "a.pdf", { type: "application/pdf" })] } });
  expect(await dialog.findByRole("alert")).toHaveTextContent("Choose a PNG, JPEG, GIF or WebP file.");
  expect(sent).toBe(0);
  expect(whyNot({ type: "image/png", size: 5 * 1024 * 1024 })).toBeUndefined();
  expect(whyNot({ type: "image/png", size: 5 * 1024 * 1024 + 1 })).toMatch(/5 MB is the most/);
});

it("deletes only when asked twice, and names the places of one that is shown", async () => {
  const detail = "“van.png” is shown by the template “Welcome”. Take it out there first.";
  const { user, dialog } = await openPicker({ "DELETE /images/van": () => Response.json({ title: "Conflict", detail, errors: [] }, { status: 409 }) });
  await user.click(dialog.getByRole("button", { name: "Delete van.png" }));
  expect(dialog.queryByRole("alert")).toBeNull();
  await user.click(dialog.getByRole("button", { name: "Delete for good" }));
  expect(await dialog.findByRole("alert")).toHaveTextContent(detail);
});
