import { expect, test } from "vitest";
import { alsoHere } from "./others";

test.each([
  [["Maria"], "Maria is editing this too."],
  [["Bo", "Maria"], "Bo and Maria are editing this too."],
  [["Ann", "Bo", "Cy"], "Ann, Bo and one other are editing this too."],
  [["Ann", "Bo", "Cy", "Di"], "Ann, Bo and 2 others are editing this too."],
])("%j", (names, sentence) => {
  expect(alsoHere(names)).toBe(sentence);
});
