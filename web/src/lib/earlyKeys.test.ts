import { afterEach, beforeEach, expect, test, vi } from "vitest";
import { keepEarlyKeys } from "./earlyKeys";

let heard: string[] = [];
const hear = ({ code }: KeyboardEvent) => heard.push(code);
const press = (code: string) => {
  const event = new KeyboardEvent("keydown", { code, bubbles: true, cancelable: true });
  document.body.dispatchEvent(event);
  return event;
};
/** As dnd-kit's keyboard sensor does it: the drag starts, and then a timer is set. */
const pickUp = (startedBy: Event) => {
  keepEarlyKeys(startedBy);
  setTimeout(() => document.addEventListener("keydown", hear));
};

beforeEach(() => {
  vi.useFakeTimers();
  heard = [];
});
afterEach(() => {
  document.removeEventListener("keydown", hear);
  vi.useRealTimers();
});

test("what is pressed before the sensor listens reaches it, in its order, and scrolls nothing", () => {
  pickUp(new KeyboardEvent("keydown", { code: "Space" }));
  expect(press("ArrowRight").defaultPrevented).toBe(true);
  press("ArrowDown");
  expect(heard).toEqual([]);
  vi.runAllTimers();
  expect(heard).toEqual(["ArrowRight", "ArrowDown"]);
});

test("what is pressed when it listens reaches it once", () => {
  pickUp(new KeyboardEvent("keydown", { code: "Space" }));
  press("ArrowRight");
  vi.runAllTimers();
  press("Space");
  expect(heard).toEqual(["ArrowRight", "Space"]);
});

test("by mouse nothing is kept", () => {
  pickUp(new MouseEvent("pointerdown"));
  expect(press("ArrowRight").defaultPrevented).toBe(false);
  vi.runAllTimers();
  expect(heard).toEqual([]);
});
