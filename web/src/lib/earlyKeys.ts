/** Keys that are pressed right after something is picked up. dnd-kit listens for the arrows only after a timer, and a browser gives input before timers: without this, a quick press would be lost. */

/** To be called when a drag starts, with the event that started it. Keys that come before the sensor listens are given to it as soon as it does, in their order. */
export function keepEarlyKeys(startedBy: Event): void {
  if (!(startedBy instanceof KeyboardEvent)) return;
  const early: KeyboardEvent[] = [];
  const keep = (event: KeyboardEvent) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    early.push(event);
  };
  document.addEventListener("keydown", keep, { capture: true });
  const give = () => {
    document.removeEventListener("keydown", keep, { capture: true });
    for (const { key, code } of early) {
      (document.activeElement ?? document).dispatchEvent(new KeyboardEvent("keydown", { key, code, bubbles: true, cancelable: true }));
    }
  };
  // The sensor's timer is set after the first of these and before the second.
  setTimeout(() => setTimeout(give));
}
