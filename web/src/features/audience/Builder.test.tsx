import { screen, waitFor, within } from "@testing-library/react";
import { describe, expect, test } from "vitest";
import axe from "axe-core";
import type { Condition, Group } from "@/api/types";
import { field, words } from "@/lib/filter/testWords";
import { showBuilder } from "./testBuilder";

const all = (...conditions: (Condition | Group)[]): Group => ({ match: "all", conditions });
const texas = { field: "metadata.state", operator: "is", value: "TX" };
const vip = { field: "metadata.tags", operator: "has_any_of", value: ["vip"] };
const noEmail = { field: "email", operator: "is_empty" };
const three = all(texas, { match: "any", conditions: [vip] }, noEmail);

describe("by keyboard", () => {
  test("a condition goes up and down, and says where it is", async () => {
    const { user, said, heard, handle } = showBuilder({ filter: all(texas, vip, noEmail) });
    handle("Tags").focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(said()).toBe("Tags has any of vip and state is TX and email is empty");
    expect(heard()).toBe("Moved to place 1 of 3");
    expect(handle("Tags")).toHaveFocus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(heard()).toBe("Already the first in its group");
  });

  test("into the group above and out of it, the focus with it", async () => {
    const { user, said, heard, handle } = showBuilder({ filter: three });
    handle("Email").focus();
    await user.keyboard("{Alt>}{ArrowRight}{/Alt}");
    expect(said()).toBe("State is TX and (tags has any of vip or email is empty)");
    expect(heard()).toBe("Moved to place 2 of 2 in the group “any of these”");
    expect(handle("Email")).toHaveFocus();
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    expect(said()).toBe("State is TX and tags has any of vip and email is empty");
    expect(handle("Email")).toHaveFocus();
    await user.keyboard("{Alt>}{ArrowLeft}{/Alt}");
    expect(heard()).toBe("Already in the outermost group");
  });

  test("the arrows of a text field stay its own", async () => {
    const { user, said } = showBuilder({ filter: all(vip, texas) });
    screen.getByDisplayValue("TX").focus();
    await user.keyboard("{Alt>}{ArrowUp}{/Alt}");
    expect(said()).toBe("Tags has any of vip and state is TX");
  });

  test("the menu opens with the focus on what can be done, and gives it back", async () => {
    const { user, handle } = showBuilder({ filter: all(texas, noEmail) });
    handle("State").focus();
    await user.keyboard("{Enter}");
    await waitFor(() => expect(screen.getByRole("menuitem", { name: "Move down" })).toHaveFocus());
    await user.keyboard("{Escape}");
    await waitFor(() => expect(handle("State")).toHaveFocus());
  });

  test("the menu of a condition wraps, duplicates and removes it", async () => {
    const { user, said, handle } = showBuilder({ filter: all(texas, noEmail) });
    const choose = async (of: string, item: string) => {
      await user.click(handle(of));
      await user.click(await screen.findByRole("menuitem", { name: item }));
    };
    await choose("Email", "Duplicate");
    expect(said()).toBe("State is TX and email is empty and email is empty");
    await choose("State", "Put into a new group");
    expect(screen.getByRole("group", { name: "Group of conditions: any of these" })).toBeInTheDocument();
    await choose("Group", "Take the group apart");
    expect(screen.queryByRole("group", { name: /^Group of conditions/ })).toBeNull();
    await choose("State", "Remove");
    expect(said()).toBe("Email is empty and email is empty");
  });
});

describe("undo and redo", () => {
  test("by shortcut and button, one edit at a time", async () => {
    const { user, said, heard } = showBuilder({ filter: all(texas, noEmail) });
    await user.click(screen.getByRole("button", { name: "Remove condition: Email is empty" }));
    await user.click(screen.getAllByRole("radio", { name: "Any" })[0] as HTMLElement);
    await user.keyboard("{Control>}z{/Control}");
    await user.keyboard("{Control>}z{/Control}");
    expect(said()).toBe("State is TX and email is empty");
    expect(heard()).toBe("Undone: Remove");
    await user.keyboard("{Control>}{Shift>}z{/Shift}{/Control}");
    expect(said()).toBe("State is TX");
    await user.click(screen.getByRole("button", { name: "Undo: Remove" }));
    expect(said()).toBe("State is TX and email is empty");
    const filter = screen.getByRole("region", { name: "Filter" });
    expect(within(filter).getByRole("button", { name: "Undo" })).toHaveAttribute("aria-disabled", "true");
  });

  test("typing is one edit, also while its field has the focus", async () => {
    const { user, said } = showBuilder({ filter: all(texas) }, { "/audience/values": () => ({ values: [] }) });
    const value = screen.getByDisplayValue("TX");
    await user.clear(value);
    await user.type(value, "Florida");
    expect(said()).toBe("State is Florida");
    await user.keyboard("{Control>}z{/Control}");
    expect(said()).toBe("State is TX");
  });

  test("the search box keeps its own undo while something is typed in it", async () => {
    const { user, said, box } = showBuilder({ filter: all(texas, noEmail) });
    await user.click(screen.getByRole("button", { name: "Remove condition: Email is empty" }));
    await user.type(box(), "zz");
    await user.keyboard("{Control>}z{/Control}");
    expect(said()).toBe("State is TX");
    await user.clear(box());
    await user.keyboard("{Control>}z{/Control}");
    expect(said()).toBe("State is TX and email is empty");
  });

  test("a removed condition comes back with the notice's Undo; meanwhile its neighbour has the focus", async () => {
    const { user, said, handle } = showBuilder({ filter: all(texas, noEmail) });
    await user.click(screen.getByRole("button", { name: "Remove condition: State is TX" }));
    expect(handle("Email")).toHaveFocus();
    const notice = await screen.findByRole("alert");
    await user.click(within(notice).getByRole("button", { name: "Undo" }));
    expect(said()).toBe("State is TX and email is empty");
  });
});

describe("what the server says", () => {
  test("stands at the condition that it means, also behind one that is not sent", () => {
    showBuilder({
      filter: all({ field: "metadata.score", operator: "is" }, texas),
      faults: [{ pointer: "/filter/conditions/0/value", detail: "No contact has this state." }],
    });
    const state = screen.getByRole("group", { name: "Condition: State is TX" });
    expect(within(state).getByRole("alert")).toHaveTextContent("No contact has this state.");
    expect(within(screen.getByRole("group", { name: "Condition: Score is …" })).getByText("Unfinished: not part of the count yet")).toBeInTheDocument();
  });

  test("of a field stands quietly at its condition", () => {
    const fields = [field("metadata.size", "Size", "text", { note: "312 of 4,000 hold text." })];
    showBuilder({ filter: all({ field: "metadata.size", operator: "is", value: "5" }), fields: { ...words, fields } });
    expect(within(screen.getByRole("group", { name: "Condition: Size is 5" })).getByText("312 of 4,000 hold text.")).toBeInTheDocument();
  });

  test("a field that is gone is said at its condition", () => {
    showBuilder({ filter: all({ field: "metadata.old", operator: "is", value: 1 }) });
    expect(screen.getByRole("alert")).toHaveTextContent("This field is gone from the contacts.");
  });
});

test("a text field is asked for a number where it is compared as one", async () => {
  const fields = [field("metadata.size", "Size", "text", { operators: ["is", "greater_than"] })];
  const { user, document } = showBuilder({ filter: all({ field: "metadata.size", operator: "is", value: "50" }), fields: { ...words, fields } });
  await user.click(screen.getByRole("combobox", { name: "Operator: is" }));
  await user.click(await screen.findByRole("option", { name: "is greater than" }));
  expect(document().conditions).toEqual([{ field: "metadata.size", operator: "greater_than", value: 50 }]);
});

test("read-only: words without anything to press", () => {
  showBuilder({ filter: three, isReadOnly: true });
  expect(screen.getByRole("group", { name: "Condition: State is TX" })).toBeInTheDocument();
  expect(screen.queryByRole("button")).toBeNull();
  expect(screen.queryByRole("combobox", { name: "Add a condition" })).toBeNull();
});

test("nothing in it yet: says so and offers a start", async () => {
  const { user, said } = showBuilder();
  expect(screen.getByText("No conditions yet: every contact matches.")).toBeInTheDocument();
  await user.click(screen.getByRole("button", { name: "Tags" }));
  await waitFor(() => expect(screen.getByRole("combobox", { name: "Value" })).toHaveFocus());
  await user.keyboard("new,");
  expect(said()).toBe("Tags has any of new");
});

test("has no fault that axe finds, empty, filled and with a list open", async () => {
  // Colours and sizes need a browser.
  const found = async (node: Element) => (await axe.run(node, { rules: { "color-contrast": { enabled: false }, region: { enabled: false } } })).violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]);
  expect(await found(showBuilder().container)).toEqual([]);
  document.body.replaceChildren();
  const { user, box } = showBuilder({ filter: all(three, { field: "@sent", operator: "in_last_days", value: 30 }, { field: "metadata.score", operator: "between", value: [1, 2] }) });
  await user.type(box(), "st");
  expect(await found(document.body)).toEqual([]);
});
