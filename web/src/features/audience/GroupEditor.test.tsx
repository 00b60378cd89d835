import { MantineProvider } from "@mantine/core";
import { fireEvent, render, screen } from "@testing-library/react";
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

function show() {
  const act = vi.fn<(action: FilterAction) => void>();
  const editing: Editing = {
    words, isReadOnly: false, act, remove: () => undefined, faultOf: () => undefined, newest: null, setNewest: () => undefined,
  };
  render(
    <MantineProvider env="test">
      <EditingContext value={editing}>
        <GroupEditor group={newGroup("all")} depth={1} />
      </EditingContext>
    </MantineProvider>,
  );
  const added = () => act.mock.calls.map(([action]) => (action.do === "add" && action.node.kind === "condition" ? action.node.field : action.do));
  return { picker: screen.getByRole("combobox", { name: "Add condition" }), added };
}

const type = (picker: HTMLElement, value: string) => fireEvent.input(picker, { target: { value }, inputType: "insertText" });

test("Enter right after typing adds the first match, before its list has opened", () => {
  const { picker, added } = show();
  type(picker, "state");
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
