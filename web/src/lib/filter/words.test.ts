import { expect, test } from "vitest";
import { aroundValue, fieldChoice, fieldWord, operatorWord, readingOf } from "./words";
import { field, operators, words } from "./testWords";

const found = (id: string) => {
  const one = words.fields.find((each) => each.id === id);
  if (one === undefined) throw new Error(id);
  return one;
};
const verb = (id: string) => {
  const one = operators.find((each) => each.id === id);
  if (one === undefined) throw new Error(id);
  return one;
};
const row = (id: string, operator: string) =>
  `${fieldWord(found(id))} ${operatorWord(found(id), verb(operator), operator)}`;

test("a row reads from left to right", () => {
  expect(row("metadata.state", "is_one_of")).toBe("State is one of");
  expect(row("@sent", "in_broadcast")).toBe("Was sent any of these broadcasts");
  expect(row("@sent", "in_last_days")).toBe("Was sent any broadcast in the last … days");
  expect(row("@clicked", "never")).toBe("Clicked a link in no broadcast, ever");
  expect(row("@segment", "is_in")).toBe("Contact is in segment");
  expect(row("@scheduled", "is_false")).toBe("Contact is not already in a scheduled broadcast");
});

test("an operator that the app does not know is called as the server calls it", () => {
  expect(operatorWord(found("metadata.state"), { id: "sounds_like", label: "sounds like", value: "one", types: ["text"] }, "sounds_like")).toBe("sounds like");
  expect(operatorWord(undefined, undefined, "sounds_like")).toBe("sounds_like");
});

test("the value stands where the operator has its gap", () => {
  expect(aroundValue("is more than … days ago")).toEqual(["is more than", "days ago"]);
  expect(aroundValue("is")).toEqual(["is", ""]);
});

test("a list of fields names them by what they ask", () => {
  expect(fieldChoice(found("@sent"))).toBe("Was sent …");
  expect(fieldChoice(found("@segment"))).toBe("Segment");
});

test("text is read as a number by the operators that need one", () => {
  const text = field("metadata.size", "Size", "text");
  expect([readingOf(text, verb("is")), readingOf(text, verb("greater_than"))]).toEqual(["text", "number"]);
  expect(readingOf(found("created_at"), { types: ["number", "date"] })).toBe("date");
});
