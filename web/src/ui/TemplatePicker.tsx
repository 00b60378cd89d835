/** Begins a message as a template: one's own or one of the library, found by its look, its category or its words. */
import { Button, Group, Modal, SegmentedControl, Select, Skeleton, Stack, Text, TextInput, UnstyledButton } from "@mantine/core";
import { useDebouncedValue } from "@mantine/hooks";
import { IconSearch, IconTemplate } from "@tabler/icons-react";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useTemplateLibrary, useTemplates } from "@/api/templates";
import type { TemplateCategory, TemplateChannel, TemplateContent } from "@/api/types";
import { categories, categoryWord, isCategory } from "@/lib/templates";
import { LoadMore } from "./LoadMore";
import { Notice } from "./Notice";
import { TemplateThumbnail } from "./TemplateThumbnail";
import classes from "./TemplatePicker.module.css";

/** Of the library or of one's own. */
type Offered = TemplateContent & { name: string; category: TemplateCategory };

interface TemplatePickerProps {
  channel: TemplateChannel;
  /** There is something that the template takes the place of: it is asked first. */
  willReplace: boolean;
  onChoose: (template: Offered) => void;
}

const views = [
  { value: "own", label: "Your templates" },
  { value: "library", label: "Library" },
];

const categoryChoices = categories.map((category) => ({ value: category, label: categoryWord(category) }));

export function TemplatePicker({ channel, willReplace, onChoose }: TemplatePickerProps) {
  const [isOpen, setOpen] = useState(false);
  const [chosen, setChosen] = useState<Offered | null>(null);
  const close = () => {
    setOpen(false);
    setChosen(null);
  };
  const take = (template: Offered) => {
    close();
    onChoose(template);
  };
  return (
    <>
      <Button variant="default" leftSection={<IconTemplate size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Use a template
      </Button>
      <Modal opened={isOpen} onClose={close} size="xl" title="Use a template" closeButtonProps={{ "aria-label": "Close" }}>
        {chosen === null ? (
          <Choices channel={channel} onChoose={(template) => (willReplace ? setChosen(template) : take(template))} />
        ) : (
          <Stack gap={16}>
            <Notice kind="care">“{chosen.name}” takes the place of what you have written. You can undo it.</Notice>
            <Group gap={8}>
              <Button data-autofocus onClick={() => take(chosen)}>
                Replace what I have written
              </Button>
              <Button variant="default" onClick={() => setChosen(null)}>
                Back to the templates
              </Button>
            </Group>
          </Stack>
        )}
      </Modal>
    </>
  );
}

function Choices({ channel, onChoose }: Pick<TemplatePickerProps, "channel" | "onChoose">) {
  const [view, setView] = useState("own");
  const [text, setText] = useState("");
  const [category, setCategory] = useState<TemplateCategory | undefined>();
  const [search] = useDebouncedValue(text.trim(), 200);
  const wish = { search, channel, category };
  return (
    <Stack gap={12}>
      <SegmentedControl aria-label="Which templates" data={views} value={view} onChange={setView} />
      <Group gap={8}>
        <TextInput
          className={classes["search"]}
          type="search"
          data-autofocus
          aria-label="Search templates"
          placeholder="Search by name or text"
          leftSection={<IconSearch size={16} aria-hidden />}
          value={text}
          onChange={(event) => setText(event.currentTarget.value)}
        />
        <Select
          className={classes["category"]}
          aria-label="Category"
          placeholder="Any category"
          clearable
          data={categoryChoices}
          value={category ?? null}
          onChange={(next) => setCategory(isCategory(next) ? next : undefined)}
        />
      </Group>
      {view === "own" ? <Own wish={wish} onLibrary={() => setView("library")} onChoose={onChoose} /> : <Library wish={wish} onChoose={onChoose} />}
    </Stack>
  );
}

interface ListProps {
  wish: { search: string; channel: TemplateChannel; category: TemplateCategory | undefined };
  onChoose: (template: Offered) => void;
}

function Own({ wish, onChoose, onLibrary }: ListProps & { onLibrary: () => void }) {
  const list = useTemplates({ ...wish, archived: false });
  const templates = list.data?.pages.flatMap((page) => page.templates);
  const isNarrowed = wish.search !== "" || wish.category !== undefined;
  if (list.isError) return <Notice kind="bad" isAlert>{inWords(list.error)}</Notice>;
  if (templates === undefined) return <Skeleton h={220} />;
  if (templates.length === 0) {
    return isNarrowed ? (
      <Text c="dimmed">No template matches.</Text>
    ) : (
      <div>
        <Text c="dimmed" mb={8}>
          You have no templates for this channel yet.
        </Text>
        <Button variant="default" onClick={onLibrary}>
          Look at the library
        </Button>
      </div>
    );
  }
  return (
    <>
      <Cards templates={templates.map((each) => ({ key: each.id, ...each }))} onChoose={onChoose} />
      <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </>
  );
}

function Library({ wish, onChoose }: ListProps) {
  const { data, error } = useTemplateLibrary();
  if (data === undefined) return error === null ? <Skeleton h={220} /> : <Notice kind="bad" isAlert>{inWords(error)}</Notice>;
  const wanted = wish.search.toLowerCase();
  const shown = data.templates.filter(
    ({ channel, category, name, purpose, subject, body }) =>
      channel === wish.channel &&
      (wish.category === undefined || category === wish.category) &&
      [name, purpose, subject ?? "", body].join(" ").toLowerCase().includes(wanted),
  );
  return shown.length === 0 ? <Text c="dimmed">Nothing in the library matches.</Text> : <Cards templates={shown} onChoose={onChoose} />;
}

function Cards({ templates, onChoose }: { templates: (Offered & { key: string })[]; onChoose: (template: Offered) => void }) {
  return (
    <ul className={classes["choices"]} aria-label="Templates">
      {templates.map((template) => (
        <li key={template.key} className={classes["choice"]}>
          <TemplateThumbnail content={template} />
          <UnstyledButton className={classes["words"]} onClick={() => onChoose(template)}>
            <span className={classes["name"]}>{template.name}</span>
            <Text span size="xs" c="dimmed">
              {categoryWord(template.category)}
            </Text>
          </UnstyledButton>
        </li>
      ))}
    </ul>
  );
}
