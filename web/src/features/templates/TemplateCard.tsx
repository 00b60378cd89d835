/** A template in the list: what it looks like, what it is called, and what can be done with it from here. */
import { ActionIcon, Menu, Text } from "@mantine/core";
import { IconArchive, IconArchiveOff, IconCopy, IconDots } from "@tabler/icons-react";
import { Link, useNavigate } from "@tanstack/react-router";
import { useDuplicateTemplate } from "@/api/templates";
import type { Template } from "@/api/types";
import { day } from "@/lib/format";
import { categoryWord, channelWord } from "@/lib/templates";
import { TemplateThumbnail } from "@/ui/TemplateThumbnail";
import { useArchiving } from "./useArchiving";
import classes from "./Templates.module.css";

export function TemplateCard({ template }: { template: Template }) {
  const { id, name, category, channel, updated_at: at, archived_at: archived } = template;
  return (
    <li className={classes["card"]}>
      <TemplateThumbnail content={template} />
      <div className={classes["about"]}>
        <div className={classes["words"]}>
          <Link to="/templates/$id" params={{ id }} className={classes["name"]}>
            {name}
          </Link>
          <Text size="xs" c="dimmed">
            {channelWord(channel)} · {categoryWord(category)}
          </Text>
          <Text size="xs" c="dimmed">
            {archived === null ? `Saved ${day(at)}` : `Archived ${day(archived)}`}
          </Text>
        </div>
        <Actions template={template} />
      </div>
    </li>
  );
}

function Actions({ template }: { template: Template }) {
  const navigate = useNavigate();
  const duplicate = useDuplicateTemplate();
  const archive = useArchiving();
  const isArchived = template.archived_at !== null;
  return (
    <div className={classes["more"]}>
      <Menu position="bottom-end" width={180}>
        <Menu.Target>
          <ActionIcon variant="subtle" color="gray" size="lg" aria-label={`Actions for ${template.name}`} loading={duplicate.isPending}>
            <IconDots size={18} aria-hidden />
          </ActionIcon>
        </Menu.Target>
        <Menu.Dropdown>
          <Menu.Item
            leftSection={<IconCopy size={16} aria-hidden />}
            onClick={() => duplicate.mutate(template.id, { onSuccess: ({ id }) => void navigate({ to: "/templates/$id", params: { id } }) })}
          >
            Duplicate
          </Menu.Item>
          <Menu.Item
            leftSection={isArchived ? <IconArchiveOff size={16} aria-hidden /> : <IconArchive size={16} aria-hidden />}
            onClick={() => archive(template, !isArchived)}
          >
            {isArchived ? "Bring back" : "Archive"}
          </Menu.Item>
        </Menu.Dropdown>
      </Menu>
    </div>
  );
}
