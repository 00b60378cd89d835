/** One step of the timeline: dragged by its handle, edited beside the screen. */
import { useDraggable, useDroppable } from "@dnd-kit/core";
import { ActionIcon, Button, Text } from "@mantine/core";
import { IconCopy, IconGripVertical } from "@tabler/icons-react";
import { canStillChange } from "@/api/ofStep";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { countOf } from "@/lib/format";
import { whenOf } from "@/lib/sequence/days";
import { conditionSaid, fullTitleOf, hourWord, howSaid, messagesSaid, titleOf, windowSaid } from "@/lib/sequence/words";
import { zoneWord } from "@/lib/zones";
import type { Outlook, Step } from "@/api/types";
import { ChannelIcon } from "@/ui/ChannelIcon";
import { Amount } from "@/ui/Figure";
import { useStepPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import { placeId, type Target } from "./dragging";
import classes from "./Timeline.module.css";

interface TimelineRowProps {
  step: Step;
  index: number;
  dayOne: string | null;
  outlook: Outlook | undefined;
  isStale: boolean;
}

export function TimelineRow({ step, index, dayOne, outlook, isStale }: TimelineRowProps) {
  const { broadcast, isReadOnly } = useDraft();
  const { duplicate } = useStepCommands();
  const { open } = useStepPanel();
  const target: Target = { kind: "place", index };
  const { setNodeRef: setPlaceRef, isOver: isUnder } = useDroppable({ id: placeId(index), data: { target } });
  const { setNodeRef, attributes, listeners, isDragging, active } = useDraggable({ id: step.id, disabled: isReadOnly });
  const from = broadcast.steps.findIndex(({ id }) => id === active?.id);
  const { time } = whenOf(step, dayOne);
  const clock = step.zone_mode === "recipient" ? "on each recipient’s clock" : zoneWord(step.time_zone);
  const figures = outlook?.steps.find(({ step_id: id }) => id === step.id);
  const problems = outlook?.problems.filter((problem) => problem.step === "schedule" && problem.of_step === step.id) ?? [];
  const condition = conditionSaid(step.condition);
  const narrowed = windowSaid(step);
  const title = fullTitleOf(step);
  const isOver = isUnder && from !== index;
  return (
    <li
      ref={setPlaceRef}
      className={classes["row"]}
      data-dragging={isDragging || undefined}
      data-over={isOver ? (from < index ? "below" : "above") : undefined}
    >
      {isReadOnly ? (
        <span className={classes["grip"]} />
      ) : (
        <ActionIcon
          ref={setNodeRef}
          variant="subtle"
          color="gray"
          size="lg"
          className={classes["grip"]}
          title="Drag to move"
          {...attributes}
          {...listeners}
          aria-label={`Move ${title}`}
        >
          <IconGripVertical size={16} aria-hidden />
        </ActionIcon>
      )}
      <div className={classes["what"]}>
        <span className={classes["title"]}>
          <ChannelIcon channel={step.channel} />
          <Text span fw={550}>
            {titleOf(step)}
          </Text>
          <Text span>{step.send_mode === "now" ? "at once" : time === null ? "no time yet" : hourWord(time)}</Text>
          {time !== null && <Text span c="dimmed">{clock}</Text>}
        </span>
        <Text c="dimmed">
          {[step.channel === "sms_email" ? howSaid(step) : null, narrowed === null ? null : `Sent ${narrowed}`, condition].filter((each) => each !== null).map((each) => `${each}. `)}
        </Text>
        {!isReadOnly && (
          <Text>
            <Amount isStale={isStale || figures === undefined}>
              {figures === undefined ? "–" : `${condition === null ? "" : "up to "}${step.channel === "sms_email" ? `${countOf(figures.people, "person", "people")}, ${messagesSaid(figures.messages)}` : messagesSaid(figures.messages)}`}
            </Amount>
          </Text>
        )}
        {figures !== undefined && figures.hours_note !== null && step.position > 1 && <Notice kind="care">{figures.hours_note}</Notice>}
        {problems.map(({ detail }) => (
          <Notice key={detail} kind="todo">
            {detail}
          </Notice>
        ))}
      </div>
      <div className={classes["actions"]}>
        {!isReadOnly && (
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Duplicate ${title}`} title="Duplicate" loading={duplicate.isPending} onClick={() => duplicate.mutate(step.id)}>
            <IconCopy size={16} aria-hidden />
          </ActionIcon>
        )}
        <Button variant="default" size="xs" aria-label={`${canEdit(broadcast, step) ? "Edit" : "Open"} ${title}`} onClick={() => open(step.id)}>
          {canEdit(broadcast, step) ? "Edit" : "Open"}
        </Button>
      </div>
    </li>
  );
}

const canEdit: typeof canStillChange = (broadcast, step) => broadcast.status === "draft" || canStillChange(broadcast, step);
