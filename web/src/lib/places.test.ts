import { expect, it } from "vitest";
import { placeInText, runsOf } from "./places";

it("finds words behind characters that take two units", () => {
  const text = "Hi 👋 act now";
  const [from, to] = placeInText(text, { start: 5, end: 12 });
  expect(text.slice(from, to)).toBe("act now");
});

it("marks characters outside of braces, and keeps the text whole", () => {
  const text = "It’s {{ name | default: \"you’\" }} – 👋👋";
  const runs = runsOf(text, ["’", "–", "👋"]);
  expect(runs.map((run) => run.text).join("")).toBe(text);
  expect(runs.filter((run) => run.isMarked).map((run) => run.text)).toEqual(["’", "–", "👋👋"]);
});

it("takes an open brace as the beginning of a field", () => {
  expect(runsOf("a {{ ’", ["’"])).toEqual([{ text: "a {{ ’", isMarked: false }]);
});
