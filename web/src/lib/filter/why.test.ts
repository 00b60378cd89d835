import { expect, test } from "vitest";
import type { Group } from "@/api/types";
import { words } from "./testWords";
import { explained } from "./why";

const filter: Group = {
  match: "all",
  conditions: [
    { field: "metadata.state", operator: "is", value: "TX" },
    { match: "none", conditions: [{ field: "metadata.tags", operator: "has_any_of", value: ["cold"] }, { field: "@sent", operator: "ever" }] },
  ],
};

const answer = {
  conditions: [
    { pointer: "", met: false, value: null },
    { pointer: "/conditions/0", met: true, value: "TX" },
    { pointer: "/conditions/1", met: false, value: null },
    { pointer: "/conditions/1/conditions/0", met: false, value: null },
    { pointer: "/conditions/1/conditions/1", met: true, value: null },
  ],
};

test("each condition is told in words, with what the contact holds and whether that is wanted", () => {
  const { met, said, parts } = explained(filter, answer, words, () => undefined);
  expect([met, said]).toEqual([false, "All of these"]);
  const [state, none] = parts;
  expect(state).toMatchObject({ said: "State is TX", met: true, holds: "TX", isUnwanted: false });
  expect(none).toMatchObject({ said: "None of these", met: false, isUnwanted: false });
  expect(none?.parts).toMatchObject([
    { said: "Tags has any of cold", met: false, holds: "nothing", isUnwanted: true },
    { said: "Was sent any broadcast", met: true, holds: null, isUnwanted: true },
  ]);
});
