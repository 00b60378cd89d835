import { expect, it } from "vitest";
import type { HtmlDocument } from "./document";
import { edited, redoable, redone, startHistory, undoable, undone } from "./history";

const html = (text: string): HtmlDocument => ({ kind: "html", html: text });

it("goes back and forth over each edit, and says which", () => {
  let state = startHistory(null);
  expect(undone(state)).toBe(state);
  state = edited(state, { next: html("a"), said: "begin", at: 0 });
  state = edited(state, { next: html("b"), said: "change", at: 0 });
  expect(undoable(state)).toBe("change");
  state = undone(state);
  expect([state.present, undoable(state), redoable(state)]).toEqual([html("a"), "begin", "change"]);
  state = undone(state);
  expect(state.present).toBeNull();
  state = redone(redone(state));
  expect([state.present, redoable(state)]).toEqual([html("b"), undefined]);
});

it("forgets what was undone when something else is done", () => {
  const state = edited(undone(edited(startHistory(html("a")), { next: html("b"), said: "x", at: 0 })), { next: html("c"), said: "y", at: 1 });
  expect(redone(state)).toBe(state);
  expect(undone(state).present).toEqual(html("a"));
});

it("counts what is typed in one place without a pause as one edit", () => {
  const typed = (state: ReturnType<typeof startHistory>, text: string, at: number, where = "a") => edited(state, { next: html(text), said: "change", at, typed: where });
  let state = typed(typed(typed(startHistory(html("")), "h", 0), "hi", 1_000), "hi ", 2_400);
  expect(undone(state).present).toEqual(html(""));
  state = typed(state, "hi t", 4_000);
  expect(undone(state).present).toEqual(html("hi "));
  state = typed(state, "hi to", 4_100, "b");
  expect(undone(state).present).toEqual(html("hi t"));
});

it("takes no edit that changes nothing", () => {
  const state = startHistory(html("a"));
  expect(edited(state, { next: html("a"), said: "x", at: 0 })).toBe(state);
});
