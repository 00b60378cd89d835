/** Deleting a segment: refused with the places where it is used, otherwise with an undo. */
import { Button, Modal, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { usesQuery, type Segment, type SegmentUses } from "@/api/segments";
import { useDelayedDelete } from "./deletions";
import { placesIn, Places } from "./Places";

interface Refused {
  segment: Segment;
  uses: SegmentUses;
}

export function useDelete(onDelete?: () => void) {
  const cache = useQueryClient();
  const remove = useDelayedDelete();
  const [refused, setRefused] = useState<Refused | null>(null);
  const [isAsking, setAsking] = useState(false);
  const close = () => setRefused(null);

  const ask = async (segment: Segment) => {
    setAsking(true);
    try {
      const uses = await cache.query({ ...usesQuery(segment.id), staleTime: 0, networkMode: "always", retry: false });
      if (placesIn(uses) > 0) {
        setRefused({ segment, uses });
      } else {
        remove(segment);
        onDelete?.();
      }
    } catch (error) {
      notifications.show({ message: `“${segment.name}” was not deleted. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } });
    } finally {
      setAsking(false);
    }
  };

  const dialog = (
    <Modal opened={refused !== null} onClose={close} title={`“${refused?.segment.name ?? ""}” is in use`} closeButtonProps={{ "aria-label": "Close" }}>
      {refused !== null && (
        <Stack gap="md">
          <Text>It can be deleted once nothing names it. Take it out of these filters first, or let the broadcasts end.</Text>
          <Places uses={refused.uses} onLeave={close} />
          <Button variant="default" onClick={close} data-autofocus>
            Keep the segment
          </Button>
        </Stack>
      )}
    </Modal>
  );
  return { ask: (segment: Segment) => void ask(segment), isAsking, dialog };
}
