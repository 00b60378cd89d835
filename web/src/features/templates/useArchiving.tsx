/** Archives at once, and says how to undo it. */
import { Button, Group } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { inWords } from "@/api/problem";
import { useArchiveTemplate } from "@/api/templates";
import type { Template } from "@/api/types";

export function useArchiving() {
  const archive = useArchiveTemplate();
  return function put({ id, name }: Pick<Template, "id" | "name">, archived: boolean) {
    const notice = `archive-${id}`;
    const undo = () => {
      notifications.hide(notice);
      put({ id, name }, !archived);
    };
    archive.mutate(
      { id, archived },
      {
        onSuccess: () =>
          notifications.show({
            id: notice,
            closeButtonProps: { "aria-label": "Close" },
            message: (
              <Group justify="space-between" wrap="nowrap">
                {archived ? `${name} is in the archive` : `${name} is among your templates again`}
                <Button variant="subtle" size="compact-sm" onClick={undo}>
                  Undo
                </Button>
              </Group>
            ),
          }),
        onError: (error) => notifications.show({ message: `${name} was not moved. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } }),
      },
    );
  };
}
