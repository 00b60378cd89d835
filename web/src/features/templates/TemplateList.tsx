/** All templates as cards: one's own, those in the archive, and the library to begin from; sequences and snippets. */
import { Button, CloseButton, Group, SegmentedControl, Select, TextInput, Title } from "@mantine/core";
import { useDebouncedCallback, useDocumentTitle } from "@mantine/hooks";
import { IconArchive, IconBooks, IconPlus, IconSearch, IconTemplate } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { useTemplates } from "@/api/templates";
import { categories, categoryWord, channelWord, isCategory, isChannel } from "@/lib/templates";
import { ButtonLink } from "@/ui/links";
import { LoadMore } from "@/ui/LoadMore";
import { Notice } from "@/ui/Notice";
import { Empty, Failed } from "@/ui/States";
import { Library } from "./Library";
import { Sequences } from "./Sequences";
import { Snippets } from "./Snippets";
import { TemplateCard } from "./TemplateCard";
import { WaitingCards } from "./WaitingCards";
import classes from "./Templates.module.css";

const kinds = [
  { value: "messages", label: "Messages" },
  { value: "sequences", label: "Sequences" },
  { value: "snippets", label: "Snippets" },
] as const;

const views = [
  { value: "own", label: "Yours" },
  { value: "library", label: "Library" },
  { value: "archive", label: "Archive" },
] as const;

const categoryChoices = categories.map((category) => ({ value: category, label: categoryWord(category) }));
const channelChoices = (["sms", "email"] as const).map((channel) => ({ value: channel, label: channelWord(channel) }));

export function TemplateList() {
  useDocumentTitle("Templates · Clarion");
  const { view = "own" } = useSearch({ from: "/templates" });
  const navigate = useNavigate({ from: "/templates" });
  const isMessages = view !== "snippets" && view !== "sequences";
  return (
    <div className={classes["page"]}>
      <Group justify="space-between" mb="md">
        <Title order={1}>Templates</Title>
        {isMessages && <NewTemplate />}
      </Group>
      <div>
        <SegmentedControl
          mb="md"
          aria-label="Kind"
          data={[...kinds]}
          value={isMessages ? "messages" : view}
          onChange={(next) => void navigate({ search: (others) => ({ ...others, view: next === "messages" ? undefined : next }) })}
        />
      </div>
      {view === "snippets" && <Snippets />}
      {view === "sequences" && <Sequences />}
      {isMessages && (
        <>
          <SegmentedControl
            mb="md"
            aria-label="Which templates"
            data={[...views]}
            value={view}
            onChange={(next) => void navigate({ search: (others) => ({ ...others, view: next === "own" ? undefined : next }) })}
          />
          <Filters />
          {view === "library" ? <Library /> : <Saved isArchive={view === "archive"} />}
        </>
      )}
    </div>
  );
}

const NewTemplate = () => (
  <ButtonLink to="/templates/new" leftSection={<IconPlus size={16} aria-hidden />}>
    New template
  </ButtonLink>
);

function Filters() {
  const { q = "", channel, category } = useSearch({ from: "/templates" });
  const navigate = useNavigate({ from: "/templates" });
  const [text, setText] = useState(q);
  const [before, setBefore] = useState(q);
  if (q !== before) {
    setBefore(q);
    // "Show all templates" empties the field, too.
    if (q === "") setText("");
  }
  const search = useDebouncedCallback((next: string) => {
    void navigate({ search: (others) => ({ ...others, q: next.trim() === "" ? undefined : next.trim() }), replace: true });
  }, 200);
  const type = (next: string) => {
    setText(next);
    search(next);
  };
  return (
    <Group gap="sm" mb="md">
      <TextInput
        className={classes["search"]}
        type="search"
        aria-label="Search templates"
        placeholder="Search by name or text"
        leftSection={<IconSearch size={16} aria-hidden />}
        rightSection={text !== "" && <CloseButton size="sm" aria-label="Clear the search" onClick={() => type("")} />}
        value={text}
        onChange={(event) => type(event.currentTarget.value)}
      />
      <Select
        className={classes["choice"]}
        aria-label="Channel"
        placeholder="Any channel"
        clearable
        data={channelChoices}
        value={channel ?? null}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, channel: isChannel(next) ? next : undefined }) })}
      />
      <Select
        className={classes["choice"]}
        aria-label="Category"
        placeholder="Any category"
        clearable
        data={categoryChoices}
        value={category ?? null}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, category: isCategory(next) ? next : undefined }) })}
      />
    </Group>
  );
}

function Saved({ isArchive }: { isArchive: boolean }) {
  const { q = "", channel, category } = useSearch({ from: "/templates" });
  const list = useTemplates({ search: q, channel, category, archived: isArchive });
  const templates = list.data?.pages.flatMap((page) => page.templates);
  const isOffline = list.fetchStatus === "paused";
  const isFiltered = q !== "" || channel !== undefined || category !== undefined;
  if (templates === undefined) return isOffline || list.isError ? <Failed error={list.error} onRetry={() => void list.refetch()} /> : <WaitingCards />;
  return (
    <>
      {(isOffline || list.isError) && (
        <div className={classes["above"]}>
          <Notice kind="offline">{inWords(list.error)}</Notice>
        </div>
      )}
      {templates.length === 0 && (isFiltered ? <NothingFound /> : isArchive ? <EmptyArchive /> : <FirstTemplate />)}
      <ul className={classes["cards"]} aria-label={isArchive ? "Archived templates" : "Templates"} data-stale={list.isPlaceholderData || undefined}>
        {templates.map((template) => (
          <TemplateCard key={template.id} template={template} />
        ))}
      </ul>
      <LoadMore hasMore={list.hasNextPage} isLoading={list.isFetchingNextPage} onMore={() => void list.fetchNextPage()} />
    </>
  );
}

function FirstTemplate() {
  return (
    <Empty
      icon={IconTemplate}
      title="No templates yet"
      action={
        <ButtonLink to="/templates" search={{ view: "library" }} variant="default" leftSection={<IconBooks size={16} aria-hidden />}>
          Begin with the library
        </ButtonLink>
      }
    >
      A text or an email that you write once and use in many broadcasts. Every version is kept.
    </Empty>
  );
}

const EmptyArchive = () => (
  <Empty icon={IconArchive} title="The archive is empty">
    Templates that you archive are out of the way here, and come back with a press.
  </Empty>
);

function NothingFound() {
  const navigate = useNavigate({ from: "/templates" });
  return (
    <Empty
      icon={IconSearch}
      title="No template matches"
      action={
        <Button variant="default" onClick={() => void navigate({ search: ({ view }) => ({ view }) })}>
          Show all templates
        </Button>
      }
    >
      Try fewer letters or another category.
    </Empty>
  );
}
