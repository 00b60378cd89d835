import { describe, expect, it } from "vitest";
import { newBlock, plainStyle, type Block, type BlocksDocument, type BlockType } from "./document";
import { add, blockAt, canStandIn, change, copied, duplicate, everyBlock, findBlock, move, placesFor, remove, stepTo, whereIs, withColumns, type Direction } from "./edit";

const text = (id: string): Block => ({ id, type: "text", html: `<p>${id}</p>`, align: "left" });

/** a, a row with b and c on the left and nothing on the right, d, the footer */
const page: BlocksDocument = {
  kind: "blocks",
  style: plainStyle,
  blocks: [
    text("a"),
    { id: "row", type: "columns", columns: [{ width: 50, blocks: [text("b"), text("c")] }, { width: 50, blocks: [] }] },
    text("d"),
    { id: "end", type: "footer", html: "", align: "center" },
  ],
};

/** "a [b c|] d end" */
const order = ({ blocks }: BlocksDocument): string =>
  blocks.map((block) => (block.type === "columns" ? `[${block.columns.map((column) => column.blocks.map(({ id }) => id).join(" ")).join("|")}]` : block.id)).join(" ");

const left = { block: "row", column: 0 };
const right = { block: "row", column: 1 };

describe("moving", () => {
  it.each([
    ["a", { list: "page", index: 3 } as const, "[b c|] d a end"],
    ["d", { list: "page", index: 0 } as const, "d a [b c|] end"],
    ["a", { list: right, index: 0 }, "[b c|a] d end"],
    ["b", { list: right, index: 0 }, "a [c|b] d end"],
    ["b", { list: left, index: 2 }, "a [c b|] d end"],
    ["c", { list: "page", index: 4 } as const, "a [b|] d end c"],
  ])("takes %s to the place that was pointed at", (id, to, expected) => {
    expect(order(move(page, id, to))).toBe(expected);
    expect(order(page)).toBe("a [b c|] d end");
  });

  it.each([
    ["where it stands", "b", { list: left, index: 0 }],
    ["right behind itself", "b", { list: left, index: 1 }],
    ["the footer into a column", "end", { list: right, index: 0 }],
    ["columns into themselves", "row", { list: right, index: 0 }],
    ["what is not there", "x", { list: right, index: 0 }],
  ])("changes nothing for %s", (_, id, to) => expect(move(page, id, to)).toBe(page));

  it("goes step by step through the whole email and back", () => {
    const seen = [order(page)];
    let at = page;
    const go = (direction: Direction) => {
      const to = stepTo(at, "b", direction);
      if (to === undefined) return false;
      at = move(at, "b", to);
      seen.push(order(at));
      return true;
    };
    while (go("down"));
    expect(seen).toEqual(["a [b c|] d end", "a [c b|] d end", "a [c|b] d end", "a [c|] b d end", "a [c|] d b end", "a [c|] d end b"]);
    while (go("up"));
    expect(order(at)).toBe("b a [c|] d end");
  });
});

describe("places", () => {
  it("are those of the page and of columns, from top to bottom", () => {
    expect(placesFor(page, "text").map(({ list, index }) => (list === "page" ? `${index}` : `${list.column}:${index}`))).toEqual(["0", "1", "0:0", "0:1", "0:2", "1:0", "2", "3", "4"]);
  });

  it.each<BlockType>(["columns", "footer"])("inside of columns take no %s", (type) => {
    expect(placesFor(page, type).every(({ list }) => list === "page")).toBe(true);
    expect(canStandIn(type, right)).toBe(false);
    expect(add(page, newBlock(type), { list: right, index: 0 })).toBe(page);
  });

  it("lead back to their block", () => {
    for (const { id } of everyBlock(page)) {
      const place = whereIs(page, id);
      expect(place).toBeDefined();
      expect(findBlock(page, id)?.id).toBe(id);
    }
    expect(whereIs(page, "x")).toBeUndefined();
  });
});

it("removes a block wherever it stands, a row with what is in it", () => {
  expect(order(remove(page, "c"))).toBe("a [b|] d end");
  expect(order(remove(page, "row"))).toBe("a d end");
});

it("duplicates a row with new ids for all that is in it", () => {
  const row = findBlock(page, "row");
  if (row === undefined) throw new Error("no row");
  const twice = duplicate(page, "row", copied(row));
  const ids = everyBlock(twice).map(({ id }) => id);
  expect(ids).toHaveLength(everyBlock(page).length + 3);
  expect(new Set(ids).size).toBe(ids.length);
  expect(twice.blocks[2]).toMatchObject({ type: "columns", columns: [{ blocks: [{ html: "<p>b</p>" }, { html: "<p>c</p>" }] }, { blocks: [] }] });
});

it("changes one block inside of columns and leaves the others as they are", () => {
  const next = change(page, "c", { align: "right" });
  expect(findBlock(next, "c")).toMatchObject({ html: "<p>c</p>", align: "right" });
  expect(findBlock(next, "b")).toBe(findBlock(page, "b"));
});

it("keeps what stood in a column that goes away", () => {
  const three = [{ width: 33, blocks: [text("a")] }, { width: 33, blocks: [text("b")] }, { width: 33, blocks: [text("c")] }];
  expect(withColumns(three, 2)).toEqual([{ width: 50, blocks: [text("a")] }, { width: 50, blocks: [text("b"), text("c")] }]);
  expect(withColumns(three, 4).map(({ width }) => width)).toEqual([25, 25, 25, 25]);
  expect(withColumns(three, 9)).toHaveLength(4);
});

it.each([
  ["/email/blocks/0/html", "a"],
  ["/blocks/0", "a"],
  ["/email/blocks/1/columns/0/blocks/1/html", "c"],
  ["/email/blocks/1/columns/0/width", "row"],
  ["/email/blocks/1/columns/1/blocks/5", "row"],
  ["/email/blocks/9/html", undefined],
  ["/email/style/width", undefined],
  ["/subject", undefined],
])("finds the block that %s names", (pointer, id) => expect(blockAt(page, pointer)?.id).toBe(id));
