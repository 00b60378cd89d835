/** A step on the calendar: a press opens its broadcast, a drag moves it; its handle does both by keyboard. */
import { useDraggable } from "@dnd-kit/core";
import { ActionIcon } from "@mantine/core";
import { IconGripVertical } from "@tabler/icons-react";
import { useRef } from "react";
import { fullNameOf } from "@/lib/calendar/items";
import type { CalendarStep } from "@/api/types";
import { StepWords } from "./StepWords";
import classes from "./Calendar.module.css";

interface StepCardProps {
  step: CalendarStep;
  zone: string;
  onAsk: (step: CalendarStep) => void;
}

export function StepCard({ step, zone, onAsk }: StepCardProps) {
  const { setNodeRef, setActivatorNodeRef, attributes, listeners = {}, isDragging } = useDraggable({ id: step.step_id, disabled: !step.can_move });
  const { onKeyDown, ...pointing } = listeners as Record<string, (event: unknown) => void>;
  // Space picks up; in some browsers its release is a press of the button all the same.
  const isSpace = useRef(false);
  return (
    <li ref={setNodeRef} className={classes["card"]} data-channel={step.channel} data-dragging={isDragging || undefined} data-movable={step.can_move || undefined} {...pointing}>
      <StepWords step={step} zone={zone} />
      {step.can_move && (
        <ActionIcon
          ref={setActivatorNodeRef}
          variant="subtle"
          color="gray"
          size={24}
          className={classes["grip"]}
          title="Drag, or press for date and time"
          {...attributes}
          aria-label={`Move ${fullNameOf(step)}`}
          onKeyDown={(event) => {
            isSpace.current = event.code === "Space";
            onKeyDown?.(event);
          }}
          onClick={() => {
            if (!isSpace.current) onAsk(step);
            isSpace.current = false;
          }}
        >
          <IconGripVertical size={14} aria-hidden />
        </ActionIcon>
      )}
    </li>
  );
}
