/** What freezing means, before it is done: it cannot be undone. */
import { Button, Group, List, Modal, Stack, Text } from "@mantine/core";
import { useLiveAudience } from "@/api/liveAudience";
import { inWords } from "@/api/problem";
import { useFreezeSegment, type Segment } from "@/api/segments";
import { peopleWord } from "@/lib/sizes";
import { Notice } from "@/ui/Notice";

interface FreezeDialogProps {
  segment: Segment;
  isUnsaved: boolean;
  isOpen: boolean;
  onClose: () => void;
}

export function FreezeDialog({ isOpen, onClose, ...rest }: FreezeDialogProps) {
  return (
    <Modal opened={isOpen} onClose={onClose} title={`Freeze “${rest.segment.name}”`} closeButtonProps={{ "aria-label": "Close" }}>
      <Freeze {...rest} onClose={onClose} />
    </Modal>
  );
}

function Freeze({ segment, isUnsaved, onClose }: Omit<FreezeDialogProps, "isOpen">) {
  const freeze = useFreezeSegment(segment.id);
  const live = useLiveAudience("freezing", segment.filter);
  const isKnown = live.matched !== null && !live.isNumberStale;
  return (
    <Stack gap="md">
      <List spacing={4}>
        <List.Item>It keeps the people who are in it now. Nobody joins, nobody leaves.</List.Item>
        <List.Item>Its filter cannot be changed any more.</List.Item>
        {segment.uses > 0 && <List.Item>Where it is used, it means these people from now on.</List.Item>}
      </List>
      <Text>This cannot be undone. To keep one that moves with the contacts, duplicate it first.</Text>
      {isUnsaved && <Notice kind="care">Your unsaved changes are not part of it. Go back and save them first.</Notice>}
      {freeze.isError && <Notice kind="bad" isAlert>{inWords(freeze.error)}</Notice>}
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose} data-autofocus>
          Go back
        </Button>
        <Button disabled={isUnsaved} loading={freeze.isPending} onClick={() => freeze.mutate(undefined, { onSuccess: onClose })}>
          {isKnown ? `Freeze with ${peopleWord(live.matched ?? 0)}` : "Freeze"}
        </Button>
      </Group>
    </Stack>
  );
}
