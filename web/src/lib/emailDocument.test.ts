import { expect, test } from "vitest";
import { blocksOf, colourOr, htmlOf, styleOf, textOf } from "./emailDocument";

test("blocks are read with what stands in their columns, one after the other", () => {
  const document = {
    kind: "blocks",
    blocks: [
      { id: "a", type: "heading", text: "One" },
      { id: "b", type: "columns", columns: [{ width: 50, blocks: [{ id: "c", type: "text", html: "<p>Two &amp; three</p>" }] }, { width: 50 }] },
      { id: "d", type: "button", label: "Four" },
    ],
  };
  expect(blocksOf(document).map(({ id }) => id)).toEqual(["a", "b", "c", "d"]);
  expect(blocksOf(document).map(textOf)).toEqual(["One", "", "Two & three", "Four"]);
});

test.each([null, undefined, 7, "text", [], {}, { blocks: "no" }, { blocks: [null, 3, { columns: [null] }] }])("what has another form is read without falling over: %j", (document) => {
  expect(() => blocksOf(document).map(textOf)).not.toThrow();
  expect(styleOf(document).background).toBe("#f4f4f4");
});

test("only a colour is taken for one", () => {
  expect(colourOr("#0b5cad", "#000")).toBe("#0b5cad");
  expect(colourOr("url(https://evil.example)", "#000")).toBe("#000");
  expect(colourOr(null, "#000")).toBe("#000");
});

test("HTML of one's own is told from blocks", () => {
  expect(htmlOf({ kind: "html", html: "<p>Hi</p>" })).toBe("<p>Hi</p>");
  expect(htmlOf({ kind: "blocks", html: "<p>Hi</p>" })).toBeNull();
});
