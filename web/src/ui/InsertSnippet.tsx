/** Chooses a snippet: by its name, with what it says. */
import { Skeleton, Stack, Text, UnstyledButton } from "@mantine/core";
import { inWords } from "@/api/problem";
import { useSnippets } from "@/api/snippets";
import { snippetTag, snippetWord } from "@/lib/insert";
import { asRead } from "@/lib/templates";
import { TextLink } from "./links";
import { Notice } from "./Notice";
import classes from "./InsertSnippet.module.css";

export function InsertSnippet({ onInsert }: { onInsert: (text: string) => void }) {
  const { data: snippets, error } = useSnippets();
  if (snippets === undefined) return error === null ? <Skeleton h={88} /> : <Notice kind="bad">{inWords(error)}</Notice>;
  return (
    <Stack gap={12}>
      {snippets.length === 0 ? (
        <Text c="dimmed">A snippet is a piece of text that many messages share, such as your opening hours.</Text>
      ) : (
        <ul className={classes["snippets"]} aria-label="Snippets">
          {snippets.map(({ id, name, text }) => (
            <li key={id}>
              <UnstyledButton className={classes["snippet"]} onClick={() => onInsert(snippetTag(name))}>
                <span className={classes["name"]}>{snippetWord(name)}</span>
                <span className={classes["text"]}>{asRead(text)}</span>
              </UnstyledButton>
            </li>
          ))}
        </ul>
      )}
      <TextLink to="/templates" search={{ view: "snippets" }}>
        {snippets.length === 0 ? "Write the first snippet" : "Change the snippets"}
      </TextLink>
    </Stack>
  );
}
