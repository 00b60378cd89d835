/** Templates that come with Clarion; using one saves a template of one's own. */
import { Button, Text } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconPlus, IconSearch } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { inWords } from "@/api/problem";
import { useTakeFromLibrary, useTemplateLibrary } from "@/api/templates";
import type { LibraryTemplate } from "@/api/types";
import { categoryWord, channelWord } from "@/lib/templates";
import { Empty, Failed } from "@/ui/States";
import { TemplateThumbnail } from "@/ui/TemplateThumbnail";
import { WaitingCards } from "./WaitingCards";
import classes from "./Templates.module.css";

const found = ({ name, purpose, subject, body }: LibraryTemplate, wanted: string) =>
  [name, purpose, subject ?? "", body].join(" ").toLowerCase().includes(wanted.toLowerCase());

export function Library() {
  const { q = "", channel, category } = useSearch({ from: "/templates" });
  const { data, error, refetch, fetchStatus } = useTemplateLibrary();
  if (data === undefined) return error !== null || fetchStatus === "paused" ? <Failed error={error} onRetry={() => void refetch()} /> : <WaitingCards />;
  const shown = data.templates.filter(
    (each) => found(each, q) && (channel === undefined || each.channel === channel) && (category === undefined || each.category === category),
  );
  if (shown.length === 0) {
    return (
      <Empty icon={IconSearch} title="Nothing in the library matches">
        Try fewer letters or another category.
      </Empty>
    );
  }
  return (
    <ul className={classes["cards"]} aria-label="Library">
      {shown.map((template) => (
        <LibraryCard key={template.key} template={template} />
      ))}
    </ul>
  );
}

function LibraryCard({ template }: { template: LibraryTemplate }) {
  const { key, name, purpose, channel, category } = template;
  const take = useTakeFromLibrary();
  const navigate = useNavigate();
  const use = () =>
    take.mutate(key, {
      onSuccess: ({ id }) => void navigate({ to: "/templates/$id", params: { id } }),
      onError: (error) => notifications.show({ message: `${name} was not saved. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } }),
    });
  return (
    <li className={classes["card"]}>
      <TemplateThumbnail content={template} />
      <div className={classes["about"]} data-library>
        <div className={classes["words"]}>
          <Text fw={550} component="h2" fz="sm">
            {name}
          </Text>
          <Text size="xs" c="dimmed">
            {channelWord(channel)} · {categoryWord(category)}
          </Text>
          <Text size="xs">{purpose}</Text>
        </div>
      </div>
      <div className={classes["use"]}>
        <Button variant="default" fullWidth leftSection={<IconPlus size={16} aria-hidden />} loading={take.isPending} onClick={use} aria-label={`Use ${name}`}>
          Use
        </Button>
      </div>
    </li>
  );
}
