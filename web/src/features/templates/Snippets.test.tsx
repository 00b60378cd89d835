import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import type { Snippet } from "@/api/types";
import { Refusal, showScreen } from "@/testScreen";
import { TemplateList } from "./TemplateList";

const hours: Snippet = { id: "n1", name: "opening_hours", text: "9 to 5", version: 3, uses: 1, created_by: "Ana", created_at: "2026-11-01T09:00:00Z", updated_by: "Bo", updated_at: "2026-11-20T08:00:00Z" };
const place = { kind: "template", id: "t1", name: "Reminder" };

function open(start: Snippet[], places: object[] = []) {
  let saved = start;
  return showScreen("/templates?view=snippets", { "/templates": TemplateList }, ({ path, method, body }) => {
    if (path.startsWith("/snippets/") && method === "GET") return { ...saved[0], places };
    if (method === "POST") {
      const given = body as { name: string; text: string };
      if (given.name === "taken") return new Refusal(409, "There is a snippet named “taken” already.", ["/name"]);
      saved = [...saved, { ...hours, ...given, id: given.name, uses: 0 }];
      return saved.at(-1);
    }
    if (method === "PATCH") {
      saved = saved.map((each) => ({ ...each, ...(body as object), version: each.version + 1 }));
      return saved[0];
    }
    if (method === "DELETE") {
      saved = [];
      return undefined;
    }
    return { snippets: saved };
  });
}

test("the first snippet is named in words, and its name in a message is told", async () => {
  const { user, sent } = await open([]);
  await user.click(await screen.findByRole("button", { name: "New snippet" }));
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "Opening hours");
  expect(screen.getByText("In a message: {% render 'opening_hours' %}")).toBeInTheDocument();
  await user.type(screen.getByRole("textbox", { name: "Text" }), "9 to 5");
  await user.click(screen.getByRole("button", { name: "Save snippet" }));
  const list = await screen.findByRole("list", { name: "Snippets" });
  expect(within(list).getByRole("button")).toHaveTextContent("Opening hours9 to 5Not used");
  expect(sent("POST").map(({ body }) => body)).toEqual([{ name: "opening_hours", text: "9 to 5" }]);
});

test("a name that is taken is told where it is written", async () => {
  const { user } = await open([hours]);
  await user.click(await screen.findByRole("button", { name: "New snippet" }));
  await user.type(await screen.findByRole("textbox", { name: "Name" }), "Taken");
  await user.type(screen.getByRole("textbox", { name: "Text" }), "x");
  await user.click(screen.getByRole("button", { name: "Save snippet" }));
  expect(await screen.findByText("There is a snippet named “taken” already.")).toBeInTheDocument();
  expect(screen.getByRole("textbox", { name: "Name" })).toBeInvalid();
});

test("one in use says where, is changed from the version that was read, and cannot be deleted", async () => {
  const { user, sent } = await open([hours], [place]);
  await user.click(await screen.findByRole("button", { name: /^Opening hours/ }));
  expect(await screen.findByRole("link", { name: "Reminder" })).toHaveAttribute("href", "/templates/t1");
  expect(screen.getByRole("button", { name: "Delete" })).toBeDisabled();
  expect(screen.getByRole("button", { name: "Save snippet" })).toBeDisabled();
  await user.type(screen.getByRole("textbox", { name: "Text" }), " on weekdays");
  await user.click(screen.getByRole("button", { name: "Save snippet" }));
  await waitFor(() => expect(sent("PATCH").map(({ body }) => body)).toEqual([{ version: 3, text: "9 to 5 on weekdays" }]));
});

test("one that nothing uses is deleted at once, and can be had back", async () => {
  const { user, sent } = await open([{ ...hours, uses: 0 }]);
  await user.click(await screen.findByRole("button", { name: /^Opening hours/ }));
  expect(await screen.findByText("Nowhere yet.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Delete" }));
  expect(await screen.findByText("No snippets yet")).toBeInTheDocument();
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(sent("POST").map(({ body }) => body)).toEqual([{ name: "opening_hours", text: "9 to 5" }]));
});
