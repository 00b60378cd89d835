/** What can be done with a segment; each button says what follows. */
import { Button, Group } from "@mantine/core";
import { IconArrowsJoin, IconCopy, IconSend, IconSnowflake, IconTrash } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useBroadcastTo, useDuplicateSegment, type Segment } from "@/api/segments";
import { peopleOf } from "@/lib/segments";
import { ExportButton } from "@/ui/ExportButton";
import { ButtonLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { FreezeDialog } from "./FreezeDialog";
import { useDelete } from "./useDelete";
import classes from "./Segments.module.css";

export function SegmentActions({ segment, isUnsaved }: { segment: Segment; isUnsaved: boolean }) {
  const navigate = useNavigate();
  const duplicate = useDuplicateSegment(segment.id);
  const broadcast = useBroadcastTo();
  const [isFreezing, setFreezing] = useState(false);
  const { ask, isAsking, dialog } = useDelete(() => void navigate({ to: "/segments" }));

  const use = () =>
    broadcast.mutate(peopleOf(segment.id), {
      onSuccess: ({ id }) => void navigate({ to: "/broadcasts/$id/audience", params: { id } }),
    });
  const copy = () => duplicate.mutate({}, { onSuccess: ({ id }) => void navigate({ to: "/segments/$id", params: { id } }) });
  const error = broadcast.error ?? duplicate.error;

  return (
    <>
      <Group gap={8} mt={4} mb="lg">
        <Button leftSection={<IconSend size={16} aria-hidden />} loading={broadcast.isPending} onClick={use}>
          Use in a new broadcast
        </Button>
        <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} loading={duplicate.isPending} onClick={copy}>
          Duplicate
        </Button>
        <ButtonLink to="/segments/combine" search={{ of: [segment.id] }} variant="default" leftSection={<IconArrowsJoin size={16} aria-hidden />}>
          Combine
        </ButtonLink>
        {segment.kind === "dynamic" && (
          <Button variant="default" leftSection={<IconSnowflake size={16} aria-hidden />} onClick={() => setFreezing(true)}>
            Freeze
          </Button>
        )}
        <ExportButton filter={peopleOf(segment.id)} name={segment.name} />
        <Button variant="default" leftSection={<IconTrash size={16} aria-hidden />} loading={isAsking} onClick={() => ask(segment)}>
          Delete
        </Button>
      </Group>
      {error !== null && (
        <div className={classes["problem"]}>
          <Notice kind="bad" isAlert>{inWords(error)}</Notice>
        </div>
      )}
      <FreezeDialog segment={segment} isUnsaved={isUnsaved} isOpen={isFreezing} onClose={() => setFreezing(false)} />
      {dialog}
    </>
  );
}
