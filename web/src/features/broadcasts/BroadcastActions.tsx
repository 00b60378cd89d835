/** What can be done with a broadcast from the list. */
import { ActionIcon, Button, Group, Menu } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconArchive, IconArchiveOff, IconCopy, IconDots, IconMessage, IconTrash, IconUsers } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { useArchiveBroadcast, useDuplicateBroadcast, type Copied } from "@/api/broadcasts";
import { inWords } from "@/api/problem";
import type { BroadcastLine, BroadcastStatus } from "@/api/types";

const restsIn: BroadcastStatus[] = ["draft", "completed", "cancelled", "failed"];

const copies = [
  { what: "all", label: "Duplicate", Mark: IconCopy, to: "/broadcasts/$id/type" },
  { what: "content", label: "Duplicate only the content", Mark: IconMessage, to: "/broadcasts/$id/audience" },
  { what: "audience", label: "Duplicate only the audience", Mark: IconUsers, to: "/broadcasts/$id/compose" },
] as const;

export function BroadcastActions({ line, onDelete }: { line: BroadcastLine; onDelete: (line: BroadcastLine) => void }) {
  const navigate = useNavigate();
  const duplicate = useDuplicateBroadcast();
  const archive = useArchiveBroadcast();
  const name = line.name || "Untitled broadcast";
  const isArchived = line.archived_at !== null;

  const refused = (what: string) => (error: unknown) => notifications.show({ message: `${name} was not ${what}. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } });
  const copy = (what: Copied, to: (typeof copies)[number]["to"]) =>
    duplicate.mutate({ id: line.id, what }, { onSuccess: ({ id }) => void navigate({ to, params: { id } }), onError: refused("duplicated") });
  const put = (archived: boolean) => {
    const notice = `archive-${line.id}`;
    archive.mutate(
      { id: line.id, archived },
      {
        onError: refused("moved"),
        onSuccess: () =>
          notifications.show({
            id: notice,
            closeButtonProps: { "aria-label": "Close" },
            message: (
              <Group justify="space-between" wrap="nowrap">
                {archived ? `${name} is in the archive` : `${name} is in the list again`}
                <Button
                  variant="subtle"
                  size="compact-sm"
                  onClick={() => {
                    notifications.hide(notice);
                    put(!archived);
                  }}
                >
                  Undo
                </Button>
              </Group>
            ),
          }),
      },
    );
  };

  return (
    <Menu position="bottom-end" width={270}>
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={`Actions for ${name}`} loading={duplicate.isPending || archive.isPending}>
          <IconDots size={18} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {copies.map(({ what, label, Mark, to }) => (
          <Menu.Item key={what} leftSection={<Mark size={16} aria-hidden />} onClick={() => copy(what, to)}>
            {label}
          </Menu.Item>
        ))}
        {(isArchived || restsIn.includes(line.status)) && (
          <Menu.Item leftSection={isArchived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />} onClick={() => put(!isArchived)}>
            {isArchived ? "Bring back from the archive" : "Archive"}
          </Menu.Item>
        )}
        {line.status === "draft" && (
          <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => onDelete(line)}>
            Delete draft
          </Menu.Item>
        )}
      </Menu.Dropdown>
    </Menu>
  );
}
