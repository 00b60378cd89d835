/** Says that a template took the place of something, and how to have that back. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";

const ID = "template-used";

export function sayReplaced(name: string, undo: () => void) {
  notifications.hide(ID);
  notifications.show({
    id: ID,
    closeButtonProps: { "aria-label": "Close" },
    autoClose: 15_000,
    message: (
      <Group justify="space-between" wrap="nowrap">
        “{name}” is in the message
        <Button
          variant="subtle"
          size="compact-sm"
          flex="none"
          onClick={() => {
            notifications.hide(ID);
            undo();
          }}
        >
          Undo
        </Button>
      </Group>
    ),
  });
}
