import { expect, test } from "vitest";
import { dropAt, type Gap, type Partner } from "./drop";

// all( a (0–40), any( b (60–100), c (108–148) ) (48–190) ), the group inside 20 px further in
const gap = (group: string, index: number, y: number): Gap => ({ group, index, y, left: group === "outer" ? 0 : 20, right: 300 });
const gaps = [gap("outer", 0, -4), gap("outer", 1, 44), gap("outer", 2, 194), gap("inner", 0, 56), gap("inner", 1, 104), gap("inner", 2, 152)];
const partner = (id: string, top: number, left = 0): Partner => ({ id, left, right: 300, top, bottom: top + 40 });
const partners = [partner("a", 0), partner("b", 60, 20), partner("c", 108, 20)];

const dropped = (x: number, y: number) => {
  const drop = dropAt({ x, y }, gaps, partners);
  if (drop === null) return null;
  return drop.kind === "with" ? `with ${drop.partner.id}` : `${drop.gap.group} ${drop.gap.index}`;
};

test("the middle of a condition groups both, its edges mean the lines above and below", () => {
  expect(dropped(100, 20)).toBe("with a");
  expect(dropped(100, 3)).toBe("outer 0");
  expect(dropped(100, 38)).toBe("outer 1");
  expect(dropped(100, 128)).toBe("with c");
});

test("between two parts it is the nearer line", () => {
  expect(dropped(100, 103)).toBe("inner 1");
  expect(dropped(100, 170)).toBe("inner 2");
});

test("left of a group inside, the lines around it win where they are near", () => {
  expect(dropped(25, 54)).toBe("inner 0");
  expect(dropped(4, 54)).toBe("outer 1");
});

test("far below everything it is the end", () => {
  expect(dropped(100, 900)).toBe("outer 2");
});

test("without a place there is none", () => {
  expect(dropAt({ x: 0, y: 0 }, [], [])).toBeNull();
});
