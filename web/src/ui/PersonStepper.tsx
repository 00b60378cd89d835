/** Whom the previews are read as: the one before, the next one, or somebody by name. */
import { ActionIcon, CloseButton, Text, TextInput } from "@mantine/core";
import { useDebouncedCallback } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight, IconSearch } from "@tabler/icons-react";
import { useState } from "react";
import type { Reading } from "@/api/reading";
import { count } from "@/lib/format";
import classes from "./PersonStepper.module.css";

interface PersonStepperProps {
  people: Reading;
  /** How many there are; null: not known yet, and undefined: not told. */
  total?: number | null;
}

function placeSaid({ position, found }: Reading, total: number | null | undefined): string {
  if (found !== null && found.count === 0) return "nobody found";
  if (position === null) return "";
  if (found !== null) return `${count(position)} of ${count(found.count)}${found.hasMore ? "+" : ""} found`;
  if (total === undefined) return "";
  return `${count(position)} of ${total === null ? "…" : count(Math.max(total, position))}`;
}

export function PersonStepper({ people, total }: PersonStepperProps) {
  const [text, setText] = useState(people.search);
  const later = useDebouncedCallback((next: string) => people.setSearch(next.trim()), 200);
  const type = (next: string) => {
    setText(next);
    later(next);
  };
  return (
    <div className={classes["stepper"]} role="group" aria-label="Read as">
      <div className={classes["row"]}>
        <ActionIcon variant="default" size="lg" aria-label="Previous recipient" disabled={people.previous === null} onClick={() => people.previous?.()}>
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <div className={classes["who"]}>
          <Text fw={550} truncate>
            {people.person?.name ?? "…"}
          </Text>
          <Text size="xs" c="dimmed" className="figure">
            {placeSaid(people, total) || "\u00a0"}
          </Text>
        </div>
        <ActionIcon variant="default" size="lg" aria-label="Next recipient" disabled={people.next === null} onClick={() => people.next?.()}>
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </div>
      <TextInput
        type="search"
        size="xs"
        aria-label="Find a recipient"
        placeholder="Name, number or email"
        maxLength={200}
        leftSection={<IconSearch size={14} aria-hidden />}
        rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
    </div>
  );
}
