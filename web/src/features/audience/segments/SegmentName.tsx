/** The name, changed where it stands: Enter saves, Escape leaves it as it was. */
import { ActionIcon, TextInput, Title } from "@mantine/core";
import { IconPencil } from "@tabler/icons-react";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { hasStatus, inWords } from "@/api/problem";
import { segmentQuery, useChangeSegment, type Segment } from "@/api/segments";
import { Kind } from "./Kind";
import classes from "./Segments.module.css";

export function SegmentName({ segment }: { segment: Segment }) {
  const { id, name, version } = segment;
  const change = useChangeSegment(id);
  const cache = useQueryClient();
  const [typed, setTyped] = useState<string | null>(null);
  const pencil = useRef<HTMLButtonElement>(null);
  const wasOpen = useRef(false);

  // The field is gone when the name is saved; the focus goes back to where it came from.
  useEffect(() => {
    if (typed === null && wasOpen.current) pencil.current?.focus();
    wasOpen.current = typed !== null;
  }, [typed]);

  const close = () => {
    setTyped(null);
    change.reset();
  };
  const save = async () => {
    const wanted = typed?.trim() ?? "";
    if (change.isPending) return;
    if (wanted === "" || wanted === name) {
      close();
      return;
    }
    try {
      await change.mutateAsync({ version, name: wanted });
      close();
    } catch (error) {
      if (!hasStatus(error, 409)) return;
      const newest = await cache.query({ ...segmentQuery(id), staleTime: 0 });
      // Only something else was saved meanwhile: that is no reason to refuse a name.
      if (newest.version !== version && newest.name === name) {
        await change.mutateAsync({ version: newest.version, name: wanted }).then(close, () => undefined);
      }
    }
  };

  if (typed === null) {
    return (
      <div className={classes["title"]}>
        <Title order={1}>{name}</Title>
        <ActionIcon ref={pencil} variant="subtle" color="gray" size="lg" aria-label="Rename" title="Rename" onClick={() => setTyped(name)}>
          <IconPencil size={18} aria-hidden />
        </ActionIcon>
        <Kind segment={segment} />
      </div>
    );
  }
  return (
    <div className={classes["title"]}>
      <TextInput
        className={classes["rename"]}
        aria-label="Name"
        // The field stands where the person has just pressed "Rename".
        ref={(field) => field?.focus()}
        maxLength={200}
        autoComplete="off"
        value={typed}
        error={change.isError ? inWords(change.error) : null}
        onFocus={(event) => event.currentTarget.select()}
        onChange={(event) => setTyped(event.currentTarget.value)}
        onBlur={() => void save()}
        onKeyDown={(event) => {
          if (event.key === "Enter") void save();
          if (event.key === "Escape") close();
        }}
      />
    </div>
  );
}
