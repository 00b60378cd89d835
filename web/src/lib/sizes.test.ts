import { expect, test } from "vitest";
import { changeWords, perDay, pointsOf, scaleOf, sizeChange } from "./sizes";

const at = (day: number, contacts: number, hour = 9) => ({ measured_at: `2026-11-${String(day).padStart(2, "0")}T${String(hour).padStart(2, "0")}:00:00Z`, contacts });

test("the last size of a day stands for it", () => {
  expect(perDay([at(1, 5), at(1, 7, 12), at(2, 6)])).toEqual([at(1, 7, 12), at(2, 6)]);
});

test("compared with the last size before the border, else with the first", () => {
  const sizes = [at(1, 100), at(9, 110), at(12, 130), at(20, 120)];
  expect(sizeChange(sizes, 10)).toEqual({ from: at(9, 110), to: at(20, 120), by: 10 });
  expect(sizeChange(sizes, 90)?.from).toEqual(at(1, 100));
  expect(sizeChange([at(1, 100)], 10)).toBeNull();
});

test("said with its direction", () => {
  expect([12, -1_200, 0].map(changeWords)).toEqual(["12 more than", "1,200 fewer than", "as many as"]);
});

test("the scale has round ends around all sizes, and never less than nobody", () => {
  expect(scaleOf([at(1, 2_583), at(2, 3_074)])).toEqual([2_500, 3_200]);
  expect(scaleOf([at(1, 0), at(2, 0)])).toEqual([0, 1]);
  const [low, high] = scaleOf([at(1, 3_000), at(2, 3_000)]);
  expect(low).toBeLessThan(3_000);
  expect(high).toBeGreaterThan(3_000);
});

test("points go from the first day at the left to the last at the right, more people higher", () => {
  const [first, middle, last] = pointsOf([at(1, 100), at(2, 150), at(5, 200)], { width: 400, height: 100 });
  expect([first?.x, middle?.x, last?.x]).toEqual([0, 100, 400]);
  expect(first?.y).toBeGreaterThan(middle?.y ?? 0);
  expect(middle?.y).toBeGreaterThan(last?.y ?? 0);
  expect(pointsOf([at(1, 100)], { width: 400, height: 100 })[0]?.x).toBe(200);
});
