import { fireEvent, screen, waitFor } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import { facetsFrom } from "@/api/facets";
import { showBuilder, type Answers } from "./testBuilder";

const states: Answers = {
  "/audience/values": (query) => ({ values: query.get("field") === "metadata.state" ? [{ value: "TX", contacts: 40 }, { value: "TN", contacts: 5 }] : [] }),
};
const names = () => screen.queryAllByRole("option").map(({ textContent }) => textContent.trim());

describe("Enter", () => {
  test("right after typing adds the first match and goes to its value", async () => {
    const { user, box, document } = showBuilder({}, states);
    await user.type(box(), "state{Enter}");
    expect(screen.getByRole("group", { name: "Condition: State is …" })).toBeInTheDocument();
    expect(screen.getByRole("combobox", { name: "Value" })).toHaveFocus();
    expect(document().conditions).toEqual([]);
  });

  test("does not wait for the server: a value is taken as it is typed", async () => {
    const { user, box, said, heard } = showBuilder();
    await user.type(box(), "state tx{Enter}");
    expect(said()).toBe("State is tx");
    expect(heard()).toBe("Added: State is tx");
    expect(box()).toHaveFocus();
    expect(box()).toHaveValue("");
  });

  test("takes the value as contacts have it once it is known", async () => {
    const { user, box, said } = showBuilder({}, states);
    await user.type(box(), "state tx");
    await screen.findByRole("option", { name: /State is TX/ });
    await user.keyboard("{Enter}");
    expect(said()).toBe("State is TX");
  });

  test("adds what the arrows have marked, also when values come in around it", async () => {
    const { user, box, said } = showBuilder({}, states);
    await user.type(box(), "state t");
    await screen.findByRole("option", { name: /State is TN/ });
    await user.keyboard("{ArrowDown}");
    expect(screen.getByRole("option", { name: /State is TN/ })).toHaveAttribute("aria-selected", "true");
    expect(box()).toHaveAttribute("aria-activedescendant", screen.getByRole("option", { name: /State is TN/ }).id);
    await user.keyboard("{Enter}");
    expect(said()).toBe("State is TN");
  });

  test("on words that no field and no value has does nothing", async () => {
    const { user, box, document } = showBuilder({}, { "/audience/values": () => ({ values: [] }) });
    await user.type(box(), "zzz");
    await screen.findByText("No field and no value is like that");
    await user.keyboard("{Enter}");
    expect(document().conditions).toEqual([]);
    expect(screen.queryByRole("group", { name: /^Condition/ })).toBeNull();
  });

  test("of an input method that composes a word is not ours", async () => {
    const { user, box } = showBuilder({}, states);
    await user.type(box(), "state");
    fireEvent.keyDown(box(), { key: "Enter", isComposing: true });
    expect(screen.queryByRole("group", { name: /^Condition/ })).toBeNull();
  });
});

test("a value alone offers the fields that have it, with how many people", async () => {
  const { user, box, said } = showBuilder({}, states);
  await user.type(box(), "tx");
  await user.click(await screen.findByRole("option", { name: /State is TX/ }));
  expect(said()).toBe("State is TX");
});

test("with counts of the rest of the filter the server is not asked, and these are the numbers", async () => {
  const facets = facetsFrom([{ field: "metadata.state", values: [{ value: "TX", contacts: 7 }], more: 0, empty: 0 }], false);
  const { user, box, asked } = showBuilder({ facets }, states);
  await user.type(box(), "state t");
  expect(names()).toEqual(["State is TX 7", "State is t"]);
  await user.clear(box());
  await user.type(box(), "lead source t");
  await waitFor(() => expect(asked).not.toEqual([]));
  expect(asked.filter((each) => each.includes("metadata.state"))).toEqual([]);
});

test("offline it says so and still takes what is typed", async () => {
  const { user, box, said } = showBuilder();
  await user.type(box(), "state tx");
  await screen.findByText(/^Offline: values are not looked up now/);
  await user.keyboard("{Enter}");
  expect(said()).toBe("State is tx");
});

test("a group inside has a box of its own, which closes when it is left empty", async () => {
  const { user, document } = showBuilder({ filter: { match: "all", conditions: [{ match: "any", conditions: [{ field: "email", operator: "is_empty" }] }] } });
  await user.click(screen.getByRole("button", { name: "Add to this group" }));
  const inner = screen.getByRole("combobox", { name: "Add a condition to this group" });
  expect(inner).toHaveFocus();
  await user.type(inner, "score > 50{Enter}");
  expect(document().conditions).toEqual([
    { match: "any", conditions: [{ field: "email", operator: "is_empty" }, { field: "metadata.score", operator: "greater_than", value: 50 }] },
  ]);
  await user.tab();
  await waitFor(() => expect(screen.queryByRole("combobox", { name: "Add a condition to this group" })).toBeNull());
});
