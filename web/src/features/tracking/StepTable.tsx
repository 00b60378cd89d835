/** The steps of a sequence: what came of those that have begun, and when the others follow; those can still be changed. */
import { Button, Group, Modal, Stack, Text, Title } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { useState } from "react";
import { canStillChange, hasBegun } from "@/api/ofStep";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { count, share, soon } from "@/lib/format";
import { firstDate, whenOf } from "@/lib/sequence/days";
import { conditionSaid, fullTitleOf, titleOf, whenSaid } from "@/lib/sequence/words";
import type { Step, StepNumbers, Tracking } from "@/api/types";
import { Whole } from "@/ui/Address";
import { ChannelIcon } from "@/ui/ChannelIcon";
import { DataTable, type Column } from "@/ui/DataTable";
import { useStepPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import { isUnderWay } from "./Commands";
import classes from "./StepTable.module.css";

interface Line {
  step: Step;
  numbers: StepNumbers | undefined;
  when: string;
}

const statusWords: Partial<Record<Step["status"], string>> = { launching: "Beginning", sending: "Being sent", completed: "Done", cancelled: "Cancelled" };

const isEmail = ({ step }: Line) => step.channel !== "sms";

const numberOf = (id: string, label: string, valueOf: (numbers: StepNumbers) => number, has: (line: Line) => boolean = () => true): Column<Line> => ({
  id,
  label,
  isNumber: true,
  cell: (line) => (line.numbers === undefined || !hasBegun(line.step) || !has(line) ? null : count(valueOf(line.numbers))),
});

/** Handed to a provider, whatever became of it. */
export const sentOf = ({ messages, pending, skipped }: StepNumbers): number => messages - pending - skipped;

/** With the share of what was delivered. */
function Opened({ numbers }: { numbers: StepNumbers }) {
  const byProgram = numbers.machine_opened;
  return (
    <span title={byProgram > 0 ? `${count(byProgram)} more were opened by a program only; they may have been read or not.` : undefined}>
      {count(numbers.opened)}
      {numbers.delivered > 0 && <Text span size="xs" c="dimmed">{` ${share(numbers.opened, numbers.delivered)}`}</Text>}
    </span>
  );
}

const columns: Column<Line>[] = [
  {
    id: "step",
    label: "Step",
    isTitle: true,
    cell: ({ step }) => (
      <span className={classes["step"]}>
        <ChannelIcon channel={step.channel} />
        <span>
          {titleOf(step)}
          {step.condition !== null && (
            <Text span size="xs" c="dimmed" display="block">
              {conditionSaid(step.condition)}
            </Text>
          )}
        </span>
      </span>
    ),
  },
  { id: "when", label: "When", cell: ({ when }) => <Whole>{when}</Whole> },
  numberOf("sent", "Sent", sentOf),
  numberOf("delivered", "Delivered", ({ delivered }) => delivered),
  numberOf("failed", "Failed", ({ failed }) => failed),
  { id: "opened", label: "Opened", isNumber: true, cell: (line) => (line.numbers === undefined || !hasBegun(line.step) || !isEmail(line) ? null : <Opened numbers={line.numbers} />) },
  numberOf("clicked", "Clicked", ({ clicked }) => clicked, isEmail),
  numberOf("replied", "Replied", ({ replied }) => replied),
  numberOf("skipped", "Skipped", ({ skipped }) => skipped),
];

function EditButton({ step }: { step: Step }) {
  const { broadcast } = useDraft();
  const { open } = useStepPanel();
  const word = canStillChange(broadcast, step) ? "Change" : "Open";
  return (
    <Button variant="default" size="xs" aria-label={`${word} ${fullTitleOf(step)}`} onClick={() => open(step.id)}>
      {word}
    </Button>
  );
}

/** One more step of a sequence that runs: on the day after the last one, and to be written before then. */
function AddStep() {
  const [isAsking, setAsking] = useState(false);
  const { add, addStep } = useStepCommands();
  const { open } = useStepPanel();
  return (
    <div className={classes["add"]}>
      <Button variant="subtle" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setAsking(true)}>
        Add a step
      </Button>
      <Modal opened={isAsking} onClose={() => setAsking(false)} title="Add a step" closeButtonProps={{ "aria-label": "Close" }}>
        <Stack gap="md">
          <Text>It goes out a day after the last step, and not before twelve hours from now, to everybody who is still in the sequence then. Write its message before: without one nothing is sent.</Text>
          {add.isError && <Notice kind="bad" isAlert>{inWords(add.error)}</Notice>}
          <Group justify="flex-end">
            <Button variant="default" onClick={() => setAsking(false)}>
              Not now
            </Button>
            <Button
              loading={add.isPending}
              onClick={() =>
                addStep((id) => {
                  setAsking(false);
                  open(id);
                })
              }
            >
              Add the step
            </Button>
          </Group>
        </Stack>
      </Modal>
    </div>
  );
}

export function StepTable({ tracking }: { tracking: Tracking }) {
  const { broadcast } = useDraft();
  if (broadcast.steps.length < 2) return null;
  const dayOne = firstDate(broadcast.steps, new Date(), broadcast.launched_at);
  const lines = broadcast.steps.map((step) => {
    const state = statusWords[step.status];
    const planned = whenSaid(whenOf(step, dayOne), step.send_mode === "now");
    const when = state === undefined ? planned : `${state}${step.launched_at === null ? "" : `, ${soon(step.launched_at)}`}`;
    return { step, numbers: tracking.steps.find(({ step_id: id }) => id === step.id), when };
  });
  const hasEmail = broadcast.broadcast_type !== "sms";
  const hasNumbers = broadcast.steps.some(hasBegun);
  const shown = columns.filter(({ id, isNumber = false }) => (hasNumbers || !isNumber) && (hasEmail || (id !== "opened" && id !== "clicked")));
  const last: Column<Line> = { id: "change", label: "Change", cell: ({ step }) => <EditButton step={step} /> };
  return (
    <section className="surface" aria-label="Steps">
      <Title order={2} px={16} py={12}>
        Steps
      </Title>
      <DataTable isInside label="Steps" columns={[...shown, last]} rows={lines} keyOf={({ step }) => step.id} />
      {isUnderWay(tracking) && <AddStep />}
    </section>
  );
}
