/** What can be done with a template; each button says what follows. */
import { Button, Group } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconCopy, IconSend } from "@tabler/icons-react";
import { useNavigate } from "@tanstack/react-router";
import { inWords } from "@/api/problem";
import { useBroadcastWith, useDuplicateTemplate } from "@/api/templates";
import type { Template } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { useArchiving } from "./useArchiving";
import classes from "./Templates.module.css";

export function TemplateActions({ template }: { template: Template }) {
  const navigate = useNavigate();
  const duplicate = useDuplicateTemplate();
  const broadcast = useBroadcastWith();
  const archive = useArchiving();
  const isArchived = template.archived_at !== null;
  const error = broadcast.error ?? duplicate.error;

  const use = () =>
    broadcast.mutate(template, { onSuccess: ({ id }) => void navigate({ to: "/broadcasts/$id/audience", params: { id } }) });
  const copy = () => duplicate.mutate(template.id, { onSuccess: ({ id }) => void navigate({ to: "/templates/$id", params: { id } }) });

  return (
    <>
      <Group gap={8} mt={4} mb="lg">
        <Button leftSection={<IconSend size={16} aria-hidden />} loading={broadcast.isPending} onClick={use}>
          Use in a new broadcast
        </Button>
        <Button variant="default" leftSection={<IconCopy size={16} aria-hidden />} loading={duplicate.isPending} onClick={copy}>
          Duplicate
        </Button>
        <Button
          variant="default"
          leftSection={isArchived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />}
          onClick={() => archive(template, !isArchived)}
        >
          {isArchived ? "Bring back from the archive" : "Archive"}
        </Button>
      </Group>
      {error !== null && (
        <div className={classes["above"]}>
          <Notice kind="bad" isAlert>{inWords(error)}</Notice>
        </div>
      )}
    </>
  );
}
