import { screen, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { facetsFrom, type Facet } from "@/api/facets";
import type { Condition } from "@/api/types";
import { showBuilder, type Answers } from "./testBuilder";

const values: Answers = { "/audience/values": () => ({ values: [{ value: "vip", contacts: 100 }, { value: "new", contacts: 90 }] }) };
const tags = (value?: unknown): { filter: { match: "all"; conditions: Condition[] } } => ({
  filter: { match: "all", conditions: [{ field: "metadata.tags", operator: "has_any_of", value }] },
});
const facet = (more: number): Facet => ({ field: "metadata.tags", values: [{ value: "vip", contacts: 12 }, { value: "old", contacts: 0 }], more, empty: 312 });
const input = () => screen.getByRole("combobox", { name: "Value" });
const names = () => screen.queryAllByRole("option").map(({ textContent }) => textContent.trim());

describe("the values of a list", () => {
  test("have the counts of all contacts where nothing else is known", async () => {
    const { user } = showBuilder(tags(), values);
    await user.click(input());
    await screen.findByRole("option", { name: /^vip/ });
    expect(names()).toEqual(["vip 100", "new 90"]);
  });

  test("have those of the rest of the filter where they were counted, with how many have none", async () => {
    const { user, asked } = showBuilder({ ...tags(), facets: facetsFrom([facet(0)], true) }, values);
    await user.click(input());
    expect(names()).toEqual(["vip 12", "old 0"]);
    expect(screen.getByText("Counted with the rest of the filter · 312 have nothing here")).toBeInTheDocument();
    expect(within(screen.getByRole("option", { name: /^vip/ })).getByText("12")).toHaveAttribute("data-stale");
    expect(asked).toEqual([]);
  });

  test("that were not counted come from the server when they are typed, without a number that means something else", async () => {
    const { user } = showBuilder({ ...tags(), facets: facetsFrom([facet(5)], false) }, values);
    await user.type(input(), "new");
    expect(await screen.findByRole("option", { name: "new" })).toHaveTextContent(/^new\s*$/);
  });

  test("are chosen, chosen off and typed; Backspace takes the last one", async () => {
    const { user, said } = showBuilder(tags(["VIP"]), values);
    await user.click(input());
    expect(await screen.findByRole("option", { name: /^vip/ })).toHaveAttribute("aria-selected", "true");
    await user.keyboard("{ArrowDown}{ArrowDown}{Enter}");
    expect(said()).toBe("Tags has any of VIP or new");
    await user.click(screen.getByRole("option", { name: /^vip/ }));
    expect(said()).toBe("Tags has any of new");
    await user.type(input(), "dnc{Enter}");
    expect(said()).toBe("Tags has any of new or dnc");
    await user.keyboard("{Backspace}");
    expect(said()).toBe("Tags has any of new");
  });

  test("cannot be offered offline, but typed", async () => {
    const { user, said } = showBuilder(tags());
    await user.click(input());
    await screen.findByText("Offline: no values to choose from. Typing one still works.");
    await user.type(input(), "dnc{Enter}");
    expect(said()).toBe("Tags has any of dnc");
  });
});

describe("broadcasts and segments", () => {
  const segments: Answers = {
    "/segments": (query) => ({ segments: [{ id: "s1", name: "VIP", contacts: 40 }, { id: "s2", name: "New", contacts: null }].filter(({ name }) => name.toLowerCase().includes(query.get("search") ?? "")) }),
    "/segments/s1": () => ({ id: "s1", name: "VIP", contacts: 40 }),
  };
  const inSegment = (value?: string[]) => ({ filter: { match: "all" as const, conditions: [{ field: "@segment", operator: "is_in", value }] } });

  test("are chosen by name and kept by id", async () => {
    const { user, said, document } = showBuilder(inSegment(), segments);
    await user.type(screen.getByRole("combobox", { name: "Segments" }), "vip");
    await user.click(await screen.findByRole("option", { name: /^VIP/ }));
    expect(said()).toBe("Is in segment VIP");
    expect(document().conditions).toEqual([{ field: "@segment", operator: "is_in", value: ["s1"] }]);
  });

  test("that are already chosen are called by name", async () => {
    showBuilder(inSegment(["s1"]), segments);
    expect(await screen.findByRole("group", { name: "Condition: Is in segment VIP" })).toBeInTheDocument();
  });

  test("cannot be typed freely", async () => {
    const { user, document } = showBuilder(inSegment(), segments);
    await user.type(screen.getByRole("combobox", { name: "Segments" }), "zzz");
    await screen.findByText("No segment has that name");
    await user.keyboard("{Enter}");
    await user.tab();
    expect(document().conditions).toEqual([]);
  });
});
