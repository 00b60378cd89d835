import { expect, it } from "vitest";
import { newBlock, plainStyle, type BlocksDocument } from "./document";
import { distance, gapsFor } from "./dragging";

it("prefers what lies under the pointer to what lies beside it", () => {
  const under = { left: 0, right: 100, top: 50 };
  const beside = { left: 120, right: 220, top: 10 };
  expect(distance({ x: 50, y: 10 }, under)).toBeLessThan(distance({ x: 50, y: 10 }, beside));
  expect(distance({ x: 150, y: 10 }, beside)).toBe(0);
});

it("leaves out the columns for what cannot stand in them, and those that are dragged themselves", () => {
  const row = newBlock("columns");
  const document: BlocksDocument = { kind: "blocks", style: plainStyle, blocks: [row] };
  expect(gapsFor(document, { kind: "new", type: "text" })).toHaveLength(4);
  expect(gapsFor(document, { kind: "new", type: "footer" })).toHaveLength(2);
  expect(gapsFor(document, { kind: "block", block: row })).toHaveLength(2);
});
