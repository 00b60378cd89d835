import { expect, test } from "vitest";
import { dayId, nextTarget, placeId, type Arrows } from "./dragging";

const arrows = (at: string | null): Arrows => ({
  places: [0, 1, 2].map(placeId),
  days: ["2026-11-27", "2026-11-28", "2026-11-29"].map(dayId),
  at,
  day: dayId("2026-11-28"),
  place: placeId(1),
});

test("the first arrow begins where the step stands", () => {
  expect(nextTarget(arrows(null), "ArrowDown")).toBe("place 2");
  expect(nextTarget(arrows(null), "ArrowUp")).toBe("place 0");
  expect(nextTarget(arrows(null), "ArrowRight")).toBe("day 2026-11-29");
  expect(nextTarget(arrows(null), "ArrowLeft")).toBe("day 2026-11-27");
});

test("further arrows go on from there, and stay at the ends", () => {
  expect(nextTarget(arrows("place 0"), "ArrowUp")).toBe("place 0");
  expect(nextTarget(arrows("day 2026-11-29"), "ArrowRight")).toBe("day 2026-11-29");
  expect(nextTarget(arrows("day 2026-11-29"), "ArrowLeft")).toBe("day 2026-11-28");
  expect(nextTarget(arrows("place 2"), "ArrowRight")).toBe("day 2026-11-29");
  expect(nextTarget(arrows(null), "Enter")).toBeUndefined();
});
