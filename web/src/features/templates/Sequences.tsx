/** Sequences to begin broadcasts as: one's own, those in the archive, and those that come with Clarion. */
import { ActionIcon, Button, Checkbox, Group, Menu, Modal, Skeleton, Stack, Text, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArchive, IconArchiveOff, IconCopy, IconDots, IconPencil, IconSend } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useArchiveSequence, useBroadcastAs, useDuplicateSequence, useRenameSequence, useSequenceLibrary, useSequences, type SequenceChoice } from "@/api/sequences";
import type { LibrarySequence, SequenceTemplate } from "@/api/types";
import { countOf, day } from "@/lib/format";
import { Notice } from "@/ui/Notice";
import { SequenceSteps } from "@/ui/SequenceSteps";
import { Failed } from "@/ui/States";
import classes from "./Sequences.module.css";

export function Sequences() {
  const [isArchive, setArchive] = useState(false);
  const own = useSequences(isArchive);
  const library = useSequenceLibrary();
  return (
    <Stack gap="lg">
      <section aria-label="Your sequences">
        <Group justify="space-between" mb="sm">
          <Title order={2}>{isArchive ? "In the archive" : "Yours"}</Title>
          <Checkbox label="Archive" checked={isArchive} onChange={({ currentTarget: { checked } }) => setArchive(checked)} />
        </Group>
        {own.data === undefined ? (
          own.isError ? <Failed error={own.error} onRetry={() => void own.refetch()} /> : <Skeleton h={160} />
        ) : own.data.length === 0 ? (
          <Text c="dimmed">{isArchive ? "Nothing is in the archive." : "Write a broadcast of several steps, then press “Save this sequence” under Schedule Your Broadcast."}</Text>
        ) : (
          <ul className={classes["cards"]}>
            {own.data.map((each) => (
              <Card key={each.id} sequence={each} choice={{ sequence_id: each.id }} note={`Saved ${day(each.updated_at)} by ${each.updated_by}`} own={each} />
            ))}
          </ul>
        )}
      </section>
      {!isArchive && (
        <section aria-label="Library">
          <Title order={2} mb="sm">
            Library
          </Title>
          {library.data === undefined ? (
            library.isError ? <Failed error={library.error} onRetry={() => void library.refetch()} /> : <Skeleton h={320} />
          ) : (
            <ul className={classes["cards"]}>
              {library.data.map((each) => (
                <Card key={each.key} sequence={each} choice={{ from_library: each.key }} />
              ))}
            </ul>
          )}
        </section>
      )}
    </Stack>
  );
}

interface CardProps {
  sequence: Omit<LibrarySequence, "key">;
  choice: SequenceChoice;
  note?: string;
  own?: SequenceTemplate;
}

function Card({ sequence, choice, note, own }: CardProps) {
  const { name, purpose, steps, days } = sequence;
  const navigate = useNavigate();
  const begin = useBroadcastAs();
  return (
    <li className={classes["card"]}>
      <div className={classes["head"]}>
        <div>
          <Text fw={550} component="h3" fz="sm">
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {countOf(steps.length, "step")} over {countOf(days, "day")}
            {note !== undefined && ` · ${note}`}
          </Text>
        </div>
        {own !== undefined && <Actions sequence={own} />}
      </div>
      {purpose !== "" && <Text size="xs">{purpose}</Text>}
      <SequenceSteps steps={steps} />
      {begin.isError && <Notice kind="bad" isAlert>{inWords(begin.error)}</Notice>}
      {own?.archived !== true && (
        <Button
          className={classes["use"]}
          variant="default"
          leftSection={<IconSend size={16} aria-hidden />}
          loading={begin.isPending}
          aria-label={`Use in a new broadcast: ${name}`}
          onClick={() => begin.mutate({ name, choice }, { onSuccess: ({ id }) => void navigate({ to: "/broadcasts/$id/audience", params: { id } }) })}
        >
          Use in a new broadcast
        </Button>
      )}
    </li>
  );
}

function Actions({ sequence }: { sequence: SequenceTemplate }) {
  const [isNaming, setNaming] = useState(false);
  const duplicate = useDuplicateSequence();
  const archive = useArchiveSequence();
  const { id, name, archived } = sequence;
  const tell = (error: Error) => notifications.show({ message: `${name} was not changed. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } });
  return (
    <>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${name}`} loading={duplicate.isPending || archive.isPending}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item leftSection={<IconPencil size={16} aria-hidden />} onClick={() => setNaming(true)}>
            Rename
          </Menu.Item>
          <Menu.Item leftSection={<IconCopy size={16} aria-hidden />} onClick={() => duplicate.mutate(id, { onError: tell })}>
            Duplicate
          </Menu.Item>
          <Menu.Item
            leftSection={archived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />}
            onClick={() => archive.mutate({ id, archived: !archived }, { onError: tell })}
          >
            {archived ? "Bring back" : "Archive"}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
      <Modal opened={isNaming} onClose={() => setNaming(false)} title={`Rename ${name}`} closeButtonProps={{ "aria-label": "Close" }}>
        <Renaming sequence={sequence} onDone={() => setNaming(false)} />
      </Modal>
    </>
  );
}

function Renaming({ sequence, onDone }: { sequence: SequenceTemplate; onDone: () => void }) {
  const [name, setName] = useState(sequence.name);
  const [purpose, setPurpose] = useState(sequence.purpose);
  const rename = useRenameSequence(sequence.id);
  const faults = rename.error instanceof ApiProblem ? rename.error.faults : [];
  const ofName = faults.find(({ pointer }) => pointer === "/name")?.detail;
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        rename.mutate({ version: sequence.version, name, purpose }, { onSuccess: onDone });
      }}
    >
      <Stack gap={12}>
        <TextInput label="Name" data-autofocus autoComplete="off" maxLength={200} value={name} error={ofName} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput label="What it is for" autoComplete="off" maxLength={500} value={purpose} onChange={(event) => setPurpose(event.currentTarget.value)} />
        {rename.isError && ofName === undefined && <Notice kind="bad" isAlert>{inWords(rename.error)}</Notice>}
        <div>
          <Button type="submit" loading={rename.isPending} disabled={name.trim() === ""}>
            Save
          </Button>
        </div>
      </Stack>
    </form>
  );
}
