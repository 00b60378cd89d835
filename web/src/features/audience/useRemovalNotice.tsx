/** "Undo" for a removed part, for a while: until it is back, however it came back, or the screen is left. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useEffect, useRef } from "react";
import { placeOf, type GroupNode } from "@/lib/filter/tree";

const UNDO_MS = 8_000;
const noticeOf = (node: string) => `removed-${node}`;

export function useRemovalNotice(tree: GroupNode) {
  const told = useRef(new Set<string>());
  useEffect(() => {
    for (const node of told.current) {
      if (placeOf(tree, node) === null) continue;
      told.current.delete(node);
      notifications.hide(noticeOf(node));
    }
  }, [tree]);
  useEffect(() => {
    const open = told.current;
    return () => open.forEach((node) => notifications.hide(noticeOf(node)));
  }, []);

  return (node: string, said: string, bringBack: () => void) => {
    told.current.add(node);
    notifications.show({
      id: noticeOf(node),
      autoClose: UNDO_MS,
      closeButtonProps: { "aria-label": "Close" },
      message: (
        <Group justify="space-between" wrap="nowrap">
          <span>Removed: {said}</span>
          <Button variant="subtle" size="compact-sm" onClick={bringBack}>
            Undo
          </Button>
        </Group>
      ),
    });
  };
}
