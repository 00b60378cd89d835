import { MantineProvider } from "@mantine/core";
import { act, fireEvent, render, screen } from "@testing-library/react";
import { expect, test, vi } from "vitest";
import type { FilterAction } from "@/lib/filter/tree";
import { newGroup } from "@/lib/filter/tree";
import type { AudienceField } from "@/api/types";
import { EditingContext, type Editing } from "./catalogue";
import { GroupEditor } from "./GroupEditor";

const field = (id: string, label: string, source: AudienceField["source"]): AudienceField => ({
  id, label, source, type: "text", operators: ["is"], token: id, contacts: 10,
});
const words: Editing["words"] = {
  fields: [field("metadata.state", "State", "metadata"), field("metadata.estate", "Estate", "metadata"), field("email", "Email", "column")],
  operators: [{ id: "is", label: "is", value: "one" }],
};

/** In "test" the list opens without a transition. */
function show(env: "default" | "test" = "test") {
  const did = vi.fn<(action: FilterAction) => void>();
  const editing: Editing = {
    words, isReadOnly: false, act: did, remove: () => undefined, faultOf: () => undefined, newest: null, setNewest: () => undefined,
  };
  render(
    <MantineProvider env={env}>
      <EditingContext value={editing}>
        <GroupEditor group={newGroup("all")} depth={1} />
      </EditingContext>
    </MantineProvider>,
  );
  const added = () => did.mock.calls.map(([action]) => (action.do === "add" && action.node.kind === "condition" ? action.node.field : action.do));
  return { picker: screen.getByRole("combobox", { name: "Add condition" }), added };
}

function type(picker: HTMLElement, value: string) {
  act(() => picker.focus());
  fireEvent.change(picker, { target: { value } });
}

test("Enter right after typing adds the first match, whatever the list that opens has marked by then", async () => {
  const { picker, added } = show("default");
  type(picker, "state");
  await new Promise((resolve) => setTimeout(resolve, 5));
  fireEvent.keyDown(picker, { key: "Enter", code: "Enter" });
  expect(added()).toEqual(["metadata.state"]);
});

test("Enter adds it once also when the list is open", async () => {
  const { picker, added } = show();
  type(picker, "state");
  await screen.findByRole("option", { name: /^Estate/ });
  fireEvent.keyDown(picker, { key: "Enter", code: "Enter" });
  expect(added()).toEqual(["metadata.state"]);
});

test("Enter adds the one that the arrows have marked", async () => {
  const { picker, added } = show();
  type(picker, "state");
  await screen.findByRole("option", { name: /^Estate/ });
  const down = { key: "ArrowDown", code: "ArrowDown" };
  fireEvent.keyDown(picker, down);
  while (document.querySelector("[data-combobox-selected]")?.textContent.startsWith("Estate") !== true) fireEvent.keyDown(picker, down);
  fireEvent.keyDown(picker, { key: "Enter", code: "Enter" });
  expect(added()).toEqual(["metadata.estate"]);
});

test("Enter on words that no field has does nothing", () => {
  const { picker, added } = show();
  type(picker, "zzz");
  fireEvent.keyDown(picker, { key: "Enter", code: "Enter" });
  expect(added()).toEqual([]);
});
