/** The filter on the screen, kept under a name for other broadcasts. */
import { Button, Group, Modal, Stack } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconBookmarkPlus } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState, type SubmitEvent } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useCreateSegment, type Segment } from "@/api/segments";
import { peopleWord } from "@/lib/sizes";
import type { Group as Filter } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { isAboutName, SaveFields, type SaveChoice } from "./SaveFields";

interface SaveAsSegmentProps {
  filter: Filter;
  /** How many match now, where it is known. */
  matched: number | null;
  /** The one next action of the screen. */
  isMain?: boolean;
  /** Without it the page stays, and a notice leads to the segment. */
  onSave?: (segment: Segment) => void;
}

const fresh: SaveChoice = { name: "", frozen: false };

export function SaveAsSegment({ filter, matched, isMain = false, onSave }: SaveAsSegmentProps) {
  const [isOpen, setOpen] = useState(false);
  const navigate = useNavigate();
  const isEmpty = filter.conditions.length === 0;
  const saved = (segment: Segment) => {
    setOpen(false);
    if (onSave !== undefined) onSave(segment);
    else tellSaved(segment, () => void navigate({ to: "/segments/$id", params: { id: segment.id } }));
  };
  return (
    <>
      <Button
        variant={isMain ? "filled" : "default"}
        leftSection={<IconBookmarkPlus size={16} aria-hidden />}
        aria-disabled={isEmpty}
        data-disabled={isEmpty || undefined}
        title={isEmpty ? "Add a condition first: this is every contact" : undefined}
        onClick={() => !isEmpty && setOpen(true)}
      >
        Save as segment
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Save as segment" closeButtonProps={{ "aria-label": "Close" }}>
        <SaveForm filter={filter} matched={matched} onCancel={() => setOpen(false)} onSave={saved} />
      </Modal>
    </>
  );
}

/** Notices stand outside the router, so they hold no links. */
function tellSaved({ id, name }: Segment, open: () => void) {
  notifications.show({
    id: `saved-${id}`,
    closeButtonProps: { "aria-label": "Close" },
    message: (
      <Group justify="space-between" wrap="nowrap">
        “{name}” saved
        <Button
          variant="subtle"
          size="compact-sm"
          onClick={() => {
            notifications.hide(`saved-${id}`);
            open();
          }}
        >
          Open it
        </Button>
      </Group>
    ),
  });
}

interface SaveFormProps {
  filter: Filter;
  matched: number | null;
  onCancel: () => void;
  onSave: (segment: Segment) => void;
}

function SaveForm({ filter, matched, onCancel, onSave }: SaveFormProps) {
  const create = useCreateSegment();
  const [choice, setChoice] = useState(fresh);
  const [isNameless, setNameless] = useState(false);
  const faults = create.error instanceof ApiProblem ? create.error.faults : [];
  const isName = isAboutName(faults);
  const said = create.isError ? inWords(create.error) : null;

  const save = (event: SubmitEvent) => {
    event.preventDefault();
    const name = choice.name.trim();
    setNameless(name === "");
    if (name !== "" && !create.isPending) create.mutate({ ...choice, name, filter }, { onSuccess: onSave });
  };
  const change = (next: SaveChoice) => {
    setChoice(next);
    setNameless(false);
    if (create.isError) create.reset();
  };
  const word = matched === null ? "Save" : choice.frozen ? `Save these ${peopleWord(matched)}` : `Save (${peopleWord(matched)} now)`;
  return (
    <form onSubmit={save} noValidate>
      <Stack gap="md">
        <SaveFields value={choice} onChange={change} fault={isNameless ? "Give the segment a name." : isName ? said : null} />
        {said !== null && !isName && <Notice kind="bad" isAlert>{said}</Notice>}
        <Group justify="flex-end">
          <Button variant="default" onClick={onCancel}>
            Go back
          </Button>
          <Button type="submit" loading={create.isPending}>
            {word}
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
