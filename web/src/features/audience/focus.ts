/** Puts the focus where an edit has moved what had it. */
import type { FocusOn } from "./catalogue";

export function focusOn(root: HTMLElement, wanted: FocusOn) {
  if (wanted === "add") {
    root.querySelector<HTMLElement>("[data-add]")?.focus();
    return;
  }
  const { part, at } = wanted;
  const row = root.querySelector<HTMLElement>(`[data-part="${part}"]`);
  // What still has the focus inside the moved part keeps it.
  if (at === "handle" && row?.contains(document.activeElement) === true) return;
  const input = at === "value" ? root.querySelector<HTMLElement>(`[data-value="${part}"] input`) : null;
  (input ?? root.querySelector<HTMLElement>(`[data-handle="${part}"]`))?.focus();
}
