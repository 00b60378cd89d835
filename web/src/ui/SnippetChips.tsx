/** The snippets that a text uses, each with what it says. */
import { Skeleton } from "@mantine/core";
import { useSnippets } from "@/api/snippets";
import { snippetsIn, snippetWord } from "@/lib/insert";
import { asRead } from "@/lib/templates";
import classes from "./SnippetChips.module.css";

export function SnippetChips({ text }: { text: string }) {
  const names = snippetsIn(text);
  const { data } = useSnippets(names.length > 0);
  if (names.length === 0) return null;
  if (data === undefined) return <Skeleton h={24} w={200} />;
  return (
    <ul className={classes["chips"]} aria-label="Snippets in this message">
      {names.map((name) => {
        const found = data.find((each) => each.name === name);
        return (
          <li key={name}>
            <span className={classes["chip"]}>{snippetWord(name)}</span>
            <span className={classes["says"]}>{found === undefined ? "There is no such snippet." : asRead(found.text)}</span>
          </li>
        );
      })}
    </ul>
  );
}
