/** The values of one field with their counts; the chosen ones are marked. */
import { Text, Title, UnstyledButton } from "@mantine/core";
import { IconCheck, IconChevronDown } from "@tabler/icons-react";
import { useState } from "react";
import type { Facet } from "@/api/facets";
import { canChoose, choosing, chosenIn, isChosen } from "@/lib/filter/choose";
import { count, countOf } from "@/lib/format";
import type { AudienceField } from "@/api/types";
import type { Editing } from "./catalogue";
import classes from "./Facets.module.css";

const FEW = 5;

interface FacetListProps {
  field: AudienceField;
  /** Undefined until it is counted. */
  facet: Facet | undefined;
  editing: Pick<Editing, "tree" | "isReadOnly" | "act" | "say">;
  isOpen: boolean;
  isStale: boolean;
  onToggle: () => void;
}

interface ValueLine {
  text: string;
  word: string;
  contacts: number;
  isOn: boolean;
}

const yesOrNo: Record<string, string> = { true: "Yes", false: "No" };

function linesOf(facet: Facet, field: AudienceField, chosen: string[]): ValueLine[] {
  const lines = facet.values.map(({ value, contacts }) => ({ text: String(value), contacts }));
  const known = (text: string) => lines.some((line) => isChosen([text], line.text));
  const none = chosen.filter((text) => !known(text)).map((text) => ({ text, contacts: 0 }));
  return [...lines, ...none].map((line) => ({
    ...line,
    word: field.type === "boolean" ? (yesOrNo[line.text] ?? line.text) : line.text,
    isOn: isChosen(chosen, line.text),
  }));
}

export function FacetList({ field, facet, editing, isOpen, isStale, onToggle }: FacetListProps) {
  const [isLong, setLong] = useState(false);
  const { tree, isReadOnly, act, say } = editing;
  const all = facet === undefined ? [] : linesOf(facet, field, chosenIn(tree, field));
  // What is chosen stays in sight however few have it.
  const few = all.filter((line, index) => index < FEW || line.isOn);
  const lines = isLong ? all : few;
  const most = Math.max(1, ...all.map(({ contacts }) => contacts));
  const isClickable = !isReadOnly && canChoose(tree);
  const choose = ({ text, word, isOn }: ValueLine) => {
    for (const action of choosing(tree, field, text)) act(action);
    say(isOn ? `${field.label} ${word} removed from the filter` : `${field.label} ${word} added to the filter`);
  };
  const rest = all.length - few.length;
  return (
    <section aria-label={field.label} className={classes["field"]}>
      <Title order={3}>
        <UnstyledButton className={classes["fold"]} aria-expanded={isOpen} onClick={onToggle}>
          <IconChevronDown size={16} aria-hidden className={classes["chevron"]} />
          {field.label}
        </UnstyledButton>
      </Title>
      {isOpen && facet !== undefined && (
        <>
          <ul className={classes["values"]} data-long={isLong || undefined}>
            {lines.map((line) => (
              <li key={line.text}>
                <Value line={line} share={line.contacts / most} isStale={isStale} {...(isClickable ? { onClick: () => choose(line) } : {})} />
              </li>
            ))}
          </ul>
          <div className={classes["foot"]}>
            {(rest > 0 || isLong) && (
              <UnstyledButton className={classes["more"]} aria-expanded={isLong} onClick={() => setLong(!isLong)}>
                {isLong ? "Fewer" : `${count(rest)} more`}
              </UnstyledButton>
            )}
            {facet.more > 0 && isLong && <span>and {countOf(facet.more, "value")} beside these</span>}
            {facet.empty > 0 && <span className="figure" data-stale={isStale || undefined}>{count(facet.empty)} have none</span>}
          </div>
        </>
      )}
    </section>
  );
}

function Value({ line, share, isStale, onClick }: { line: ValueLine; share: number; isStale: boolean; onClick?: () => void }) {
  const content = (
    <>
      <span className={classes["word"]}>
        {line.isOn && <IconCheck size={14} aria-hidden />}
        {line.word}
      </span>
      <Text span size="sm" className="figure" data-stale={isStale || undefined}>
        {count(line.contacts)}
      </Text>
      <span className={classes["bar"]} aria-hidden>
        <span style={{ width: `${share * 100}%` }} />
      </span>
    </>
  );
  if (onClick === undefined) {
    return (
      <div className={classes["value"]} data-on={line.isOn || undefined}>
        {content}
      </div>
    );
  }
  return (
    <button type="button" className={classes["value"]} data-on={line.isOn || undefined} aria-pressed={line.isOn} aria-label={`${line.word}, ${countOf(line.contacts, "contact")}`} onClick={onClick}>
      {content}
    </button>
  );
}
