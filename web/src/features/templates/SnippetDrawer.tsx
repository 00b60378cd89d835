/** One snippet: what it is called, what it says, and where it is used. */
import { Button, Drawer, Group, Skeleton, Stack, Text, Textarea, TextInput, Title } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconTrash } from "@tabler/icons-react";
import { useRef, useState } from "react";
import { useAudienceFields } from "@/api/audience";
import { ApiProblem, inWords } from "@/api/problem";
import { useChangeSnippet, useCreateSnippet, useDeleteSnippet, useSnippet } from "@/api/snippets";
import type { Snippet } from "@/api/types";
import { insertAt, snippetName, snippetTag, snippetWord } from "@/lib/insert";
import { asRead } from "@/lib/templates";
import { Bubble } from "@/ui/Bubble";
import { InsertField } from "@/ui/InsertField";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import classes from "./Snippets.module.css";

const LONGEST = 2_000;

interface SnippetDrawerProps {
  opened: Snippet | "new" | null;
  onClose: () => void;
}

export function SnippetDrawer({ opened, onClose }: SnippetDrawerProps) {
  const title = opened === null ? "" : opened === "new" ? "New snippet" : snippetWord(opened.name);
  return (
    <Drawer opened={opened !== null} onClose={onClose} position="right" size="md" title={title} closeButtonProps={{ "aria-label": "Close" }}>
      {opened === "new" && <NewSnippet onDone={onClose} />}
      {opened !== null && opened !== "new" && <OneSnippet key={opened.id} snippet={opened} onDone={onClose} />}
    </Drawer>
  );
}

const placeWords = { template: "Template", sequence: "Sequence", broadcast: "Draft" };

const faultsOf = (error: Error | null) => (error instanceof ApiProblem ? error.faults : []);

function NewSnippet({ onDone }: { onDone: () => void }) {
  const [name, setName] = useState("");
  const [text, setText] = useState("");
  const create = useCreateSnippet();
  const slug = snippetName(name);
  const faults = faultsOf(create.error);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        create.mutate({ name: slug, text }, { onSuccess: onDone });
      }}
    >
      <Stack gap={16}>
        <TextInput
          label="Name"
          placeholder="Opening hours"
          data-autofocus
          autoComplete="off"
          maxLength={80}
          description={slug === "" ? "Only your team sees it." : `In a message: ${snippetTag(slug)}`}
          value={name}
          error={faults.find(({ pointer }) => pointer === "/name")?.detail}
          onChange={(event) => setName(event.currentTarget.value)}
        />
        <TextField text={text} error={faults.find(({ pointer }) => pointer === "/text")?.detail} onWrite={setText} />
        {create.isError && !faults.some(({ pointer }) => pointer !== "") && <Notice kind="bad" isAlert>{inWords(create.error)}</Notice>}
        <div>
          <Button type="submit" loading={create.isPending} disabled={slug === "" || text.trim() === ""}>
            Save snippet
          </Button>
        </div>
      </Stack>
    </form>
  );
}

function OneSnippet({ snippet, onDone }: { snippet: Snippet; onDone: () => void }) {
  const [text, setText] = useState(snippet.text);
  const { data } = useSnippet(snippet.id);
  const change = useChangeSnippet(snippet.id);
  const remove = useDeleteSnippet();
  const bring = useCreateSnippet();
  const faults = faultsOf(change.error);
  const { name } = snippet;

  const undo = () => {
    notifications.hide(snippet.id);
    bring.mutate(
      { name, text: snippet.text },
      { onError: (error) => notifications.show({ message: `${snippetWord(name)} was not brought back. ${inWords(error)}`, color: "red", closeButtonProps: { "aria-label": "Close" } }) },
    );
  };
  const drop = () =>
    remove.mutate(snippet.id, {
      onSuccess: () => {
        notifications.show({
          id: snippet.id,
          closeButtonProps: { "aria-label": "Close" },
          message: (
            <Group justify="space-between" wrap="nowrap">
              {snippetWord(name)} is deleted
              <Button variant="subtle" size="compact-sm" onClick={undo}>
                Undo
              </Button>
            </Group>
          ),
        });
        onDone();
      },
    });

  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        change.mutate({ version: snippet.version, text }, { onSuccess: onDone });
      }}
    >
      <Stack gap={16}>
        <Text size="xs" c="dimmed" style={{ fontFamily: "var(--mantine-font-family-monospace)" }}>
          {snippetTag(name)}
        </Text>
        <TextField text={text} error={faults.find(({ pointer }) => pointer === "/text")?.detail} onWrite={setText} />
        {change.isError && !faults.some(({ pointer }) => pointer === "/text") && <Notice kind="bad" isAlert>{inWords(change.error)}</Notice>}
        {remove.isError && <Notice kind="bad" isAlert>{inWords(remove.error)}</Notice>}
        <Group justify="space-between">
          <Button type="submit" loading={change.isPending} disabled={text === snippet.text || text.trim() === ""}>
            Save snippet
          </Button>
          <Button variant="subtle" color="red" leftSection={<IconTrash size={16} aria-hidden />} loading={remove.isPending} disabled={(data?.places.length ?? 1) > 0} onClick={drop}>
            Delete
          </Button>
        </Group>
        <section aria-label="Where it is used">
          <Title order={3} size="sm">
            Where it is used
          </Title>
          {data === undefined && <Skeleton h={32} />}
          {data?.places.length === 0 && <Text c="dimmed">Nowhere yet.</Text>}
          <ul className={classes["places"]}>
            {data?.places.map(({ kind, id, name: called }) => (
              <li key={id}>
                {kind === "template" ? (
                  <TextLink to="/templates/$id" params={{ id }}>
                    {called}
                  </TextLink>
                ) : kind === "sequence" ? (
                  <TextLink to="/templates" search={{ view: "sequences" }}>
                    {called}
                  </TextLink>
                ) : (
                  <TextLink to="/broadcasts/$id/compose" params={{ id }}>
                    {called}
                  </TextLink>
                )}
                <Text span size="xs" c="dimmed" ml={8}>
                  {placeWords[kind]}
                </Text>
              </li>
            ))}
          </ul>
          {(data?.places.length ?? 0) > 0 && (
            <Text size="xs" c="dimmed">
              It can be deleted once nothing here uses it.
            </Text>
          )}
        </section>
      </Stack>
    </form>
  );
}

function TextField({ text, error, onWrite }: { text: string; error: string | undefined; onWrite: (text: string) => void }) {
  const { data: words } = useAudienceFields();
  const area = useRef<HTMLTextAreaElement>(null);
  const insert = (token: string) => {
    const { text: next, cursor } = insertAt(text, area.current?.selectionStart ?? text.length, area.current?.selectionEnd ?? text.length, token);
    onWrite(next);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(cursor, cursor);
    });
  };
  return (
    <Stack gap={8}>
      <Textarea
        ref={area}
        label="Text"
        description="Plain text for SMS and email; an email keeps its lines."
        autosize
        minRows={4}
        maxRows={12}
        maxLength={LONGEST}
        value={text}
        error={error}
        onChange={(event) => onWrite(event.currentTarget.value)}
      />
      <Group gap={8}>{words !== undefined && <InsertField fields={words.fields} hasSnippets={false} onInsert={insert} />}</Group>
      {text.trim() !== "" && <Bubble text={asRead(text)} />}
    </Stack>
  );
}
