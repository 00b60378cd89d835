import { screen, waitFor, within } from "@testing-library/react";
import { expect, test } from "vitest";
import { showScreen } from "@/testScreen";
import { TemplateList } from "./TemplateList";
import { template } from "./testTemplate";

const library = {
  templates: [
    { key: "sms-welcome", name: "Welcome", purpose: "On the first day.", channel: "sms", category: "welcome", subject: null, preheader: "", body: "Hi from [Company]", email: null },
    { key: "email-event", name: "Invitation", purpose: "For an open day.", channel: "email", category: "event", subject: "Come", preheader: "", body: "", email: { kind: "blocks", blocks: [{ id: "a", type: "heading", text: "Come" }] } },
  ],
};

const open = (at = "/templates") =>
  showScreen(at, { "/templates": TemplateList }, ({ path, method, body }) => {
    if (path === "/template-library") return library;
    if (method === "POST" && path === "/templates") return template({ id: "t9", from_library: (body as { from_library: string }).from_library });
    if (method === "POST") return template({ archived_at: path.endsWith("/archive") ? "2026-11-21T08:00:00Z" : null });
    if (path.includes("search=zz")) return { templates: [], next: null };
    return { templates: path.includes("archived=true") ? [] : [template(), template({ id: "t2", name: "Offer", category: "promotion" })], next: null };
  });

const cards = async (list: string) => within(await screen.findByRole("list", { name: list })).getAllByRole("listitem");

test("templates are cards that lead to their page", async () => {
  await open();
  const [first] = await cards("Templates");
  const link = within(first as HTMLElement).getByRole("link", { name: "Reminder" });
  expect(link).toHaveAttribute("href", "/templates/t1");
  expect(first).toHaveTextContent("SMS · Reminder");
});

test("what is looked for and chosen goes to the server, and can be given up again", async () => {
  const { user, requests, router } = await open();
  await cards("Templates");
  await user.click(screen.getByRole("combobox", { name: "Channel" }));
  await user.click(await screen.findByRole("option", { name: "Email" }));
  await user.type(screen.getByRole("searchbox", { name: "Search templates" }), "zz");
  await user.click(await screen.findByRole("button", { name: "Show all templates" }));
  await cards("Templates");
  expect(requests.some(({ path }) => path.includes("search=zz") && path.includes("channel=email"))).toBe(true);
  expect(screen.getByRole("searchbox", { name: "Search templates" })).toHaveValue("");
  expect(router.state.location.search).toEqual({});
});

test("a template is archived from its card, and the archive is a press away", async () => {
  const { user, sent } = await open();
  await cards("Templates");
  await user.click(screen.getByRole("button", { name: "Actions for Reminder" }));
  await user.click(await screen.findByRole("menuitem", { name: "Archive" }));
  await user.click(await screen.findByRole("button", { name: "Undo" }));
  await waitFor(() => expect(sent("POST").map(({ path }) => path)).toEqual(["/templates/t1/archive", "/templates/t1/unarchive"]));
  await user.click(screen.getByRole("radio", { name: "Archive" }));
  expect(await screen.findByText("The archive is empty")).toBeInTheDocument();
});

test("the library is narrowed by the same filters, and using one saves a template of one's own", async () => {
  const { user, sent, router } = await open();
  await user.click(screen.getByRole("radio", { name: "Library" }));
  expect(await cards("Library")).toHaveLength(2);
  await user.type(screen.getByRole("searchbox", { name: "Search templates" }), "open day");
  await waitFor(async () => expect(await cards("Library")).toHaveLength(1));
  await user.click(screen.getByRole("button", { name: "Use Invitation" }));
  await waitFor(() => expect(router.state.location.pathname).toBe("/templates/t9"));
  expect(sent("POST").map(({ body }) => body)).toEqual([expect.objectContaining({ from_library: "email-event" })]);
});
