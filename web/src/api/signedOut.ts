/** Whether the server has said that nobody is signed in. */
import { useSyncExternalStore } from "react";

let value = false;
const listeners = new Set<() => void>();

export const signedOut = {
  set(next: boolean) {
    if (next === value) return;
    value = next;
    listeners.forEach((tell) => tell());
  },
};

export function useSignedOut(): boolean {
  return useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => value,
  );
}
