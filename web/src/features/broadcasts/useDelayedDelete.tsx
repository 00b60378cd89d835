/** A deleted draft disappears at once and can come back for a few seconds; only then is it deleted. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { deleteBroadcast } from "@/api/broadcasts";
import { inWords } from "@/api/problem";
import type { BroadcastLine } from "@/api/types";

const UNDO_MS = 6_000;

export function useDelayedDelete() {
  const [hidden, setHidden] = useState<ReadonlySet<string>>(new Set());
  const cache = useQueryClient();
  const waiting = useRef(new Map<string, ReturnType<typeof setTimeout>>());

  const bringBack = (id: string) => {
    setHidden((before) => new Set([...before].filter((other) => other !== id)));
  };

  const carryOut = async (id: string) => {
    waiting.current.delete(id);
    notifications.hide(`delete-${id}`);
    try {
      await deleteBroadcast(id);
      await cache.invalidateQueries({ queryKey: ["broadcasts"] });
    } catch (error) {
      bringBack(id);
      notifications.show({ message: `The draft was not deleted. ${inWords(error)}`, color: "red" });
    }
  };

  useEffect(() => {
    const open = waiting.current;
    const finish = () => {
      for (const [id, timer] of open) {
        clearTimeout(timer);
        open.delete(id);
        notifications.hide(`delete-${id}`);
        void deleteBroadcast(id);
      }
    };
    window.addEventListener("pagehide", finish);
    return () => {
      window.removeEventListener("pagehide", finish);
      finish();
    };
  }, []);

  const undo = (id: string) => {
    clearTimeout(waiting.current.get(id));
    waiting.current.delete(id);
    notifications.hide(`delete-${id}`);
    bringBack(id);
  };

  const remove = (line: BroadcastLine) => {
    setHidden((before) => new Set([...before, line.id]));
    waiting.current.set(line.id, setTimeout(() => void carryOut(line.id), UNDO_MS));
    notifications.show({
      id: `delete-${line.id}`,
      autoClose: false,
      message: (
        <Group justify="space-between" wrap="nowrap">
          {line.name || "Untitled broadcast"} deleted
          <Button variant="subtle" size="compact-sm" onClick={() => undo(line.id)}>
            Undo
          </Button>
        </Group>
      ),
    });
  };

  return { hidden, remove };
}
