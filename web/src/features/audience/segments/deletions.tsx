/** A deleted segment disappears at once and can come back for a few seconds, whatever screen is open; only then is it deleted. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient, type QueryClient } from "@tanstack/react-query";
import { useSyncExternalStore } from "react";
import { inWords } from "@/api/problem";
import { deleteSegment, type Segment } from "@/api/segments";

const UNDO_MS = 6_000;

const waiting = new Map<string, ReturnType<typeof setTimeout>>();
const listeners = new Set<() => void>();
let hidden: ReadonlySet<string> = new Set();

function hide(id: string, isHidden: boolean) {
  hidden = new Set(isHidden ? [...hidden, id] : [...hidden].filter((other) => other !== id));
  listeners.forEach((tell) => tell());
}

function stopWaiting(id: string) {
  clearTimeout(waiting.get(id));
  waiting.delete(id);
  notifications.hide(`delete-${id}`);
}

async function carryOut({ id, name }: Segment, cache: QueryClient) {
  stopWaiting(id);
  try {
    await deleteSegment(id);
    cache.removeQueries({ queryKey: ["segment", id] });
    await cache.invalidateQueries({ queryKey: ["segments"] });
    void cache.invalidateQueries({ queryKey: ["named", "segment"] });
  } catch (error) {
    hide(id, false);
    notifications.show({ message: `“${name}” was not deleted. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } });
  }
}

window.addEventListener("pagehide", () => {
  for (const id of [...waiting.keys()]) {
    stopWaiting(id);
    void deleteSegment(id);
  }
});

/** The ids of those that wait for their deletion. */
export const useHidden = () =>
  useSyncExternalStore(
    (tell) => {
      listeners.add(tell);
      return () => listeners.delete(tell);
    },
    () => hidden,
  );

export function useDelayedDelete() {
  const cache = useQueryClient();
  return (segment: Segment) => {
    const { id, name } = segment;
    hide(id, true);
    waiting.set(id, setTimeout(() => void carryOut(segment, cache), UNDO_MS));
    const undo = () => {
      stopWaiting(id);
      hide(id, false);
    };
    notifications.show({
      id: `delete-${id}`,
      autoClose: false,
      withCloseButton: false,
      message: (
        <Group justify="space-between" wrap="nowrap">
          “{name}” deleted
          <Button variant="subtle" size="compact-sm" onClick={undo}>
            Undo
          </Button>
        </Group>
      ),
    });
  };
}
