/** Begins the draft as a kept sequence: one's own, or one that comes with Clarion. */
import { Button, Group, Modal, SegmentedControl, Skeleton, Stack, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTimeline } from "@tabler/icons-react";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useSequenceLibrary, useSequences, useTakeSequence, type SequenceChoice } from "@/api/sequences";
import { useDraft } from "@/api/useDraft";
import type { Broadcast, LibrarySequence } from "@/api/types";
import { countOf } from "@/lib/format";
import { Notice } from "@/ui/Notice";
import { SequenceSteps } from "@/ui/SequenceSteps";
import classes from "./StartFromSequence.module.css";

type Offered = Omit<LibrarySequence, "key"> & { choice: SequenceChoice };

const views = [
  { value: "library", label: "Library" },
  { value: "own", label: "Yours" },
];

const isWritten = ({ steps }: Broadcast): boolean =>
  steps.length > 1 || steps.some(({ body, subject, email }) => body.trim() !== "" || subject.trim() !== "" || email !== null);

export function StartFromSequence() {
  const { broadcast } = useDraft();
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Offered | null>(null);
  const take = useTakeSequence();
  const close = () => {
    setOpen(false);
    setChosen(null);
    take.reset();
  };
  const use = (offered: Offered) =>
    take.mutate(offered.choice, {
      onSuccess: () => {
        close();
        notifications.show({ message: `The broadcast has the ${countOf(offered.steps.length, "step")} of “${offered.name}” now.`, closeButtonProps: { "aria-label": "Close" } });
      },
    });
  return (
    <>
      <Group gap={12}>
        <Button variant="default" leftSection={<IconTimeline size={16} aria-hidden />} onClick={() => setOpen(true)}>
          Start from a sequence
        </Button>
        <Text size="sm" c="dimmed">
          Several messages over days, already written.
        </Text>
      </Group>
      <Modal opened={isOpen} onClose={close} size="xl" title="Start from a sequence" closeButtonProps={{ "aria-label": "Close" }}>
        {take.isError && (
          <div className={classes["above"]}>
            <Notice kind="bad" isAlert>{inWords(take.error)}</Notice>
          </div>
        )}
        {chosen === null ? (
          <Choices isBusy={take.isPending} onChoose={(offered) => (isWritten(broadcast) ? setChosen(offered) : use(offered))} />
        ) : (
          <Stack gap={16}>
            <Notice kind="care">{`The ${countOf(chosen.steps.length, "step")} of “${chosen.name}” take the place of all that this broadcast says now, with its attached files.`}</Notice>
            <Group gap={8}>
              <Button data-autofocus loading={take.isPending} onClick={() => use(chosen)}>
                Replace the {countOf(broadcast.steps.length, "step")}
              </Button>
              <Button variant="default" onClick={() => setChosen(null)}>
                Back to the sequences
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

function Choices({ isBusy, onChoose }: { isBusy: boolean; onChoose: (offered: Offered) => void }) {
  const [view, setView] = useState("library");
  const library = useSequenceLibrary();
  const own = useSequences();
  const found = view === "own" ? own : library;
  const offered: Offered[] | undefined =
    view === "own" ? own.data?.map((each) => ({ ...each, choice: { sequence_id: each.id } })) : library.data?.map(({ key, ...each }) => ({ ...each, choice: { from_library: key } }));
  return (
    <Stack gap={12}>
      <SegmentedControl aria-label="Which sequences" data={views} value={view} onChange={setView} />
      {offered === undefined ? (
        found.isError ? <Notice kind="bad" isAlert>{inWords(found.error)}</Notice> : <Skeleton h={220} />
      ) : offered.length === 0 ? (
        <Text c="dimmed">You have kept no sequence yet. “Save this sequence” stands below the steps under Schedule Your Broadcast.</Text>
      ) : (
        <ul className={classes["choices"]} aria-label="Sequences">
          {offered.map((each) => (
            <li key={each.name} className={classes["choice"]}>
              <span className={classes["name"]}>{each.name}</span>
              {each.purpose !== "" && <Text size="xs">{each.purpose}</Text>}
              <SequenceSteps steps={each.steps} />
              <Button className={classes["use"]} variant="default" disabled={isBusy} aria-label={`Use ${each.name}`} onClick={() => onChoose(each)}>
                Use
              </Button>
            </li>
          ))}
        </ul>
      )}
    </Stack>
  );
}
