/** Pieces of text that messages share: written here once, picked wherever a message is written. */
import { Button, Group, Skeleton, Text, UnstyledButton } from "@mantine/core";
import { IconPlus, IconTextPlus } from "@tabler/icons-react";
import { useState } from "react";
import { useSnippets } from "@/api/snippets";
import type { Snippet } from "@/api/types";
import { countOf, day } from "@/lib/format";
import { snippetWord } from "@/lib/insert";
import { asRead } from "@/lib/templates";
import { Empty, Failed, Later } from "@/ui/States";
import { SnippetDrawer } from "./SnippetDrawer";
import classes from "./Snippets.module.css";

export function Snippets() {
  const { data, error, fetchStatus, refetch } = useSnippets();
  const [opened, setOpened] = useState<Snippet | "new" | null>(null);
  if (data === undefined) {
    return error !== null || fetchStatus === "paused" ? (
      <Failed error={error} onRetry={() => void refetch()} />
    ) : (
      <Later>
        <Skeleton h={180} />
      </Later>
    );
  }
  const write = (
    <Button variant={data.length === 0 ? "filled" : "default"} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpened("new")}>
      New snippet
    </Button>
  );
  return (
    <>
      {data.length === 0 ? (
        <Empty icon={IconTextPlus} title="No snippets yet" action={write}>
          A piece of text that many messages share, such as your opening hours or a signature. Change it here, and every draft says it.
        </Empty>
      ) : (
        <>
          <Group justify="space-between" mb="sm">
            <Text c="dimmed">Templates and drafts follow a change at once. What was launched keeps the text that it had.</Text>
            {write}
          </Group>
          <ul className={classes["snippets"]} aria-label="Snippets">
            {data.map((snippet) => (
              <li key={snippet.id}>
                <UnstyledButton className={classes["snippet"]} aria-haspopup="dialog" onClick={() => setOpened(snippet)}>
                  <span className={classes["name"]}>{snippetWord(snippet.name)}</span>
                  <span className={classes["text"]}>{asRead(snippet.text)}</span>
                  <Text span size="xs" c="dimmed" className="figure">
                    {snippet.uses === 0 ? "Not used" : `Used in ${countOf(snippet.uses, "place")}`} · {snippet.updated_by}, {day(snippet.updated_at)}
                  </Text>
                </UnstyledButton>
              </li>
            ))}
          </ul>
        </>
      )}
      <SnippetDrawer opened={opened} onClose={() => setOpened(null)} />
    </>
  );
}
