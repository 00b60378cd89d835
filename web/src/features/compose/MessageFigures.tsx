/** How long the message is for the person shown, and how many segments it makes for everyone. */
import { Text } from "@mantine/core";
import { about, count, countOf, money, share } from "@/lib/format";
import type { Outlook, RecipientPreview, StepOutlook } from "@/api/types";
import { Bar, type BarPart } from "@/ui/Bar";
import { Amount } from "@/ui/Figure";
import { Notice } from "@/ui/Notice";
import classes from "./Compose.module.css";

/** Of one step; whether it was measured for everybody is known of all steps together. */
export type StepFigures = StepOutlook & Pick<Outlook, "exact">;

interface MessageFiguresProps {
  shown: RecipientPreview | undefined;
  isShownStale: boolean;
  outlook: StepFigures | undefined;
  isOutlookStale: boolean;
}

const nameOfCharacter = (character: string) =>
  character.trim() === "" ? `a special space (U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")})` : character;

export function MessageFigures({ shown, isShownStale, outlook, isOutlookStale }: MessageFiguresProps) {
  return (
    <div className={classes["figures"]}>
      {shown !== undefined && (
        <p className={classes["line"]} data-stale={isShownStale || undefined} aria-label="Length for the person shown">
          {countOf(shown.characters, "character")} · {shown.encoding} · {countOf(shown.segments, "segment")}
          <Text span c="dimmed">
            {" "}
            · {count(shown.left_in_segment)} left in this segment
          </Text>
        </p>
      )}
      {shown !== undefined && shown.encoding === "UCS-2" && shown.forcing.length > 0 && (
        <Notice kind="care">
          <Forcing characters={shown.forcing} />
        </Notice>
      )}
      {outlook !== undefined && outlook.segments > 0 && <ForEveryone outlook={outlook} isStale={isOutlookStale} />}
    </div>
  );
}

function Forcing({ characters }: { characters: string[] }) {
  return (
    <>
      {characters.slice(0, 8).map((character) => (
        <code key={character} className={classes["character"]}>
          {nameOfCharacter(character)}
        </code>
      ))}
      {characters.length > 8 && ` and ${count(characters.length - 8)} more `}
      {characters.length === 1 ? "makes" : "make"} this UCS-2: 70 characters fit into a segment instead of 160.
    </>
  );
}

const tones: BarPart["tone"][] = ["accent", "skip", "wait", "care"];

function ForEveryone({ outlook, isStale }: { outlook: StepFigures; isStale: boolean }) {
  const people = outlook.shares.reduce((sum, { recipients }) => sum + recipients, 0);
  return (
    <div>
      <Text>
        <Amount isStale={isStale}>{`${about(countOf(outlook.segments, "segment"), outlook.exact)} in all, ${about(money(outlook.cost), outlook.exact)}`}</Amount>
      </Text>
      {outlook.shares.length > 0 && (
        <>
          <Bar
            whole={people}
            height={6}
            parts={outlook.shares.map(({ segments, recipients }, index) => ({ id: String(segments), value: recipients, tone: tones[index] ?? "wait" }))}
          />
          <ul className={classes["shares"]} aria-label="Segments per person">
            {outlook.shares.map(({ segments, recipients }) => (
              <li key={segments}>
                {countOf(segments, "segment")}: {share(recipients, people)}
              </li>
            ))}
          </ul>
        </>
      )}
    </div>
  );
}
