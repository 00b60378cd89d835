import { screen, waitFor, within } from "@testing-library/react";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Template } from "@/api/types";
import { Refusal, showScreen } from "@/testScreen";
import { changed, editors, Lines } from "./testLines";
import { TemplatePage } from "./TemplatePage";
import { template } from "./testTemplate";

beforeEach(() => editors.forget());
afterEach(() => sessionStorage.clear());

const versions = (current: number) => ({
  versions: Array.from({ length: current }, (_, index) => ({ version: current - index, note: index === current - 1 ? "From the library" : "", created_by: "Ana", created_at: "2026-11-20T08:00:00Z" })),
  next: null,
});

/** A server with one template that somebody else may change. */
function server(start: Partial<Template> = {}) {
  const state = { saved: template(start), refuse: null as Refusal | null };
  const answer = ({ path, method, body }: { path: string; method: string; body: unknown }) => {
    const { saved } = state;
    if (path === "/broadcasts") return { id: "b1", version: 1, steps: [{ id: "s1" }] };
    if (path.startsWith("/broadcasts/")) return { id: "b1", version: 2, steps: [{ id: "s1" }] };
    if (path === "/audience/contacts") return { contacts: [], next: null };
    if (path.includes("/difference")) {
      return { before: 1, after: saved.version, fields: [{ field: "body", parts: [{ kind: "same", text: "Hi " }, { kind: "removed", text: "there" }, { kind: "added", text: "Ann" }] }], blocks: [] };
    }
    if (path.includes("/versions")) return versions(saved.version);
    if (path.endsWith("/restore")) {
      state.saved = { ...saved, body: "Hi there", version: saved.version + 1 };
      return state.saved;
    }
    if (method === "PATCH") {
      if (state.refuse !== null) return state.refuse;
      const { version, ...change } = body as { version: number } & Partial<Template>;
      if (version !== saved.version) return new Refusal(409, "Bo has saved version 3.", ["/version"]);
      state.saved = { ...saved, ...change, version: saved.version + 1 };
    }
    return state.saved;
  };
  return { state, answer };
}

const open = (start: Partial<Template> = {}) => {
  const { state, answer } = server(start);
  return showScreen("/templates/t1", { "/templates/$id": () => <TemplatePage EmailEditor={Lines} /> }, answer).then((shown) => ({ ...shown, state }));
};

const message = () => screen.getByRole("textbox", { name: "Message" });

test("only what was changed is saved, from the version that was read", async () => {
  const { user, sent } = await open();
  expect(screen.getByRole("button", { name: "Save version 3" })).toBeDisabled();
  await user.type(message(), "!");
  await user.click(screen.getByRole("button", { name: "Save version 3" }));
  expect(await screen.findByRole("button", { name: "Save version 4" })).toBeDisabled();
  expect(sent("PATCH").map(({ body }) => body)).toEqual([{ version: 2, body: "Hi Ann!", note: "" }]);
  expect(message()).toHaveValue("Hi Ann!");
});

test("an edit that is not saved is still there after a look elsewhere", async () => {
  const first = await open();
  await first.user.type(message(), " and Bo");
  first.unmount();
  await open();
  expect(message()).toHaveValue("Hi Ann and Bo");
  expect(screen.getByText("Not saved yet")).toBeInTheDocument();
});

test("who was overtaken keeps the text and chooses whose it is to be", async () => {
  const { user, state, sent } = await open();
  await user.type(message(), "!");
  state.saved = { ...state.saved, preheader: "", name: "Their name", version: 3, updated_by: "Bo" };
  await user.click(screen.getByRole("button", { name: "Save version 3" }));
  const alert = await screen.findByText(/^Bo saved version 3 at/);
  expect(message()).toHaveValue("Hi Ann!");
  expect(screen.getByRole("heading", { level: 1 })).toHaveTextContent("Their name");
  await user.click(within(alert.closest("[role=alert]") as HTMLElement).getByRole("button", { name: "Save mine over it" }));
  expect(await screen.findByRole("button", { name: "Save version 5" })).toBeDisabled();
  // Their name was not touched here, so it stays.
  expect(sent("PATCH").at(-1)?.body).toEqual({ version: 3, body: "Hi Ann!", note: "" });
});

test("loading theirs gives up one's own text", async () => {
  const { user, state } = await open();
  await user.type(message(), "!");
  state.saved = { ...state.saved, body: "Theirs", version: 3, updated_by: "Bo" };
  await user.click(screen.getByRole("button", { name: "Save version 3" }));
  await user.click(await screen.findByRole("button", { name: "Load theirs" }));
  expect(message()).toHaveValue("Theirs");
  expect(sessionStorage).toHaveLength(0);
});

test("what is refused is told at its field, and nothing that was written is lost", async () => {
  const { user, state } = await open();
  state.refuse = new Refusal(422, "Line 1: a field is opened and never closed.", ["/body"]);
  await user.type(message(), " {{{{ x");
  await user.click(screen.getByRole("button", { name: "Save version 3" }));
  expect(await screen.findByText("Line 1: a field is opened and never closed.")).toBeInTheDocument();
  expect(message()).toHaveAccessibleDescription("Line 1: a field is opened and never closed.");
  expect(message()).toHaveValue("Hi Ann {{ x");
});

test("an earlier version is compared and brought back as a new one", async () => {
  const { user, sent } = await open();
  await user.click(await screen.findByRole("button", { name: "Compare version 1 with the current one" }));
  const drawer = await screen.findByRole("dialog", { name: "Since version 1" });
  expect((await within(drawer).findByText("there")).tagName).toBe("DEL");
  expect(within(drawer).getByText("Ann").tagName).toBe("INS");
  await user.click(within(drawer).getByRole("button", { name: "Restore version 1 as version 3" }));
  expect(await screen.findByText("Version 3 (current)")).toBeInTheDocument();
  expect(sent("POST").map(({ body }) => body)).toEqual([{ version: 1, if_version: 2 }]);
  expect(message()).toHaveValue("Hi there");
});

test("what is still to be filled in is told while it stands in the text", async () => {
  const { user } = await open({ body: "Hi from [Company]" });
  expect(screen.getByText("Still to fill in: [Company]")).toBeInTheDocument();
  await user.clear(message());
  await user.type(message(), "Hi from Acme");
  expect(screen.queryByText(/^Still to fill in/)).toBeNull();
});

const mail = { kind: "blocks", blocks: [{ id: "a", type: "heading", text: "Good morning" }] };

test("a mail of blocks is edited with its text part, and begins a broadcast by email", async () => {
  const { user, sent, router } = await open({ channel: "email", subject: "News", preheader: "All of it", body: "In words", email: mail });
  expect(await screen.findByRole("textbox", { name: "Text part" })).toHaveValue("In words");
  await user.clear(screen.getByRole("textbox", { name: "Text part" }));
  await user.click(screen.getByRole("button", { name: "Change the heading" }));
  expect(await screen.findByText("Not saved yet")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Save version 3" }));
  expect(await screen.findByRole("button", { name: "Save version 4" })).toBeDisabled();
  expect(sent("PATCH").map(({ body }) => body)).toEqual([{ version: 2, body: "", email: changed, note: "" }]);
  await user.click(screen.getByRole("button", { name: "Use in a new broadcast" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/broadcasts/b1/audience"));
  expect(sent("POST").filter(({ path }) => path === "/broadcasts").map(({ body }) => body)).toEqual([{ name: "Reminder", broadcast_type: "email" }]);
  expect(sent("PATCH").at(-1)?.body).toEqual({ version: 1, subject: "News", preheader: "All of it", email: changed, text_part: null });
});

test("what is given up is shown as it was, and so is a version that was brought back", async () => {
  const { user } = await open({ channel: "email", subject: "News", body: "", email: mail });
  await user.click(await screen.findByRole("button", { name: "Change the heading" }));
  expect(screen.getByText("Editor 1: Good evening")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Discard changes" }));
  expect(screen.getByText("Editor 2: Good morning")).toBeInTheDocument();
});
