/** How long the message is for the person shown, and how many segments it makes for everyone. */
import { Button, Text } from "@mantine/core";
import { about, count, countOf, money } from "@/lib/format";
import { sharesSaid } from "@/lib/smsCost";
import type { Outlook, SmsPreview, StepOutlook } from "@/api/types";
import { Bar, type BarPart } from "@/ui/Bar";
import { Amount } from "@/ui/Figure";
import classes from "./Compose.module.css";

/** Of one step; whether it was measured for everybody is known of all steps together. */
export type StepFigures = StepOutlook & Pick<Outlook, "exact">;

interface MessageFiguresProps {
  shown: SmsPreview | undefined;
  isShownStale: boolean;
  outlook: StepFigures | undefined;
  isOutlookStale: boolean;
  onLongest: (contactId: string) => void;
}

export function MessageFigures({ shown, isShownStale, outlook, isOutlookStale, onLongest }: MessageFiguresProps) {
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
      {outlook !== undefined && outlook.segments > 0 && <ForEveryone outlook={outlook} isStale={isOutlookStale} onLongest={onLongest} />}
    </div>
  );
}

const tones: BarPart["tone"][] = ["accent", "skip", "wait", "care"];

function ForEveryone({ outlook, isStale, onLongest }: { outlook: StepFigures; isStale: boolean; onLongest: (contactId: string) => void }) {
  const { shares, longest_contact_id: longest } = outlook;
  const people = shares.reduce((sum, { recipients }) => sum + recipients, 0);
  return (
    <div>
      <Text>
        <Amount isStale={isStale}>{`${about(countOf(outlook.segments, "segment"), outlook.exact)} in all, ${about(money(outlook.cost), outlook.exact)}`}</Amount>
      </Text>
      {shares.length > 0 && (
        <>
          <Bar
            whole={people}
            height={6}
            parts={shares.map(({ segments, recipients }, index) => ({ id: String(segments), value: recipients, tone: tones[index] ?? "wait" }))}
          />
          <div className={classes["distribution"]}>
            <ul className={classes["shares"]} aria-label="Segments per person">
              {sharesSaid(shares).map(({ segments, said }) => (
                <li key={segments} data-stale={isStale || undefined}>
                  {said}
                </li>
              ))}
            </ul>
            {longest !== null && (
              <Button variant="subtle" size="compact-xs" onClick={() => onLongest(longest)}>
                Show the longest
              </Button>
            )}
          </div>
        </>
      )}
    </div>
  );
}
