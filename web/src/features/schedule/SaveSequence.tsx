/** Keeps the steps as a sequence that other broadcasts may begin as. */
import { Button, Group, Modal, Stack, Text, TextInput } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTimeline } from "@tabler/icons-react";
import { useState } from "react";
import { ApiProblem, inWords } from "@/api/problem";
import { useKeepSequence } from "@/api/sequences";
import { useDraft } from "@/api/useDraft";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";

export function SaveSequence() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="subtle" leftSection={<IconTimeline size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Save this sequence
      </Button>
      <Modal opened={isOpen} onClose={() => setOpen(false)} title="Save this sequence" closeButtonProps={{ "aria-label": "Close" }}>
        <Naming onDone={() => setOpen(false)} />
      </Modal>
    </>
  );
}

function Naming({ onDone }: { onDone: () => void }) {
  const { broadcast, flush } = useDraft();
  const [name, setName] = useState(broadcast.name);
  const [purpose, setPurpose] = useState("");
  const keep = useKeepSequence();
  const faults = keep.error instanceof ApiProblem ? keep.error.faults : [];
  const faultAt = (pointer: string) => faults.find((fault) => fault.pointer === pointer)?.detail;
  const save = async () => {
    await flush();
    keep.mutate(
      { name, purpose, broadcast_id: broadcast.id },
      {
        onSuccess: (made) => {
          notifications.show({
            closeButtonProps: { "aria-label": "Close" },
            message: (
              <Group justify="space-between" wrap="nowrap">
                {made.name} is among your sequences
                <TextLink to="/templates" search={{ view: "sequences" }}>
                  Open them
                </TextLink>
              </Group>
            ),
          });
          onDone();
        },
      },
    );
  };
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        void save();
      }}
    >
      <Stack gap={12}>
        <Text c="dimmed">Its steps with their texts, days and conditions. The audience, the goal and attached files stay with this broadcast.</Text>
        <TextInput label="Name" data-autofocus autoComplete="off" maxLength={200} value={name} error={faultAt("/name")} onChange={(event) => setName(event.currentTarget.value)} />
        <TextInput
          label="What it is for"
          placeholder="Four messages for somebody who has just asked"
          autoComplete="off"
          maxLength={500}
          value={purpose}
          error={faultAt("/purpose")}
          onChange={(event) => setPurpose(event.currentTarget.value)}
        />
        {keep.isError && !faults.some(({ pointer }) => pointer !== "") && <Notice kind="bad" isAlert>{inWords(keep.error)}</Notice>}
        <div>
          <Button type="submit" loading={keep.isPending} disabled={name.trim() === ""}>
            Save sequence
          </Button>
        </div>
      </Stack>
    </form>
  );
}
