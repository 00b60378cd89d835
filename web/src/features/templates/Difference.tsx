/** What has changed, field by field and block by block; also for who cannot tell the colours apart. */
import { Text, Title, VisuallyHidden } from "@mantine/core";
import type { FieldDifference, TemplateDifference } from "@/api/types";
import { blockChangeWord, fieldWord } from "@/lib/templates";
import classes from "./Templates.module.css";

export function Difference({ difference: { fields, blocks } }: { difference: TemplateDifference }) {
  if (fields.length === 0 && blocks.length === 0) return <Text>The two versions hold the same.</Text>;
  return (
    <>
      {fields.map((each) => (
        <section key={each.field}>
          <Title order={3}>{fieldWord(each.field)}</Title>
          <Passage difference={each} />
        </section>
      ))}
      {blocks.map((block) => (
        <section key={`${block.change} ${block.id}`}>
          <Title order={3}>{blockChangeWord(block)}</Title>
          {block.fields.map((each) => (
            <div key={each.field}>
              {block.fields.length > 1 && (
                <Text size="xs" c="dimmed">
                  {fieldWord(each.field)}
                </Text>
              )}
              <Passage difference={each} />
            </div>
          ))}
        </section>
      ))}
    </>
  );
}

function Passage({ difference: { parts } }: { difference: FieldDifference }) {
  return (
    <p className={classes["passage"]}>
      {parts.map(({ kind, text }, index) => {
        if (kind === "added") {
          return (
            <ins key={index}>
              <VisuallyHidden>added: </VisuallyHidden>
              {text}
            </ins>
          );
        }
        if (kind === "removed") {
          return (
            <del key={index}>
              <VisuallyHidden>taken away: </VisuallyHidden>
              {text}
            </del>
          );
        }
        return <span key={index}>{text}</span>;
      })}
    </p>
  );
}
