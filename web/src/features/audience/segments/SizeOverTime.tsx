/** How the size of a segment has moved: the answer in words, a line, and the same numbers as a table. */
import { Text, Title } from "@mantine/core";
import { inWords } from "@/api/problem";
import { useSizes, type Segment } from "@/api/segments";
import { count, day } from "@/lib/format";
import { changeWords, peopleWord, perDay, sizeChange } from "@/lib/sizes";
import { Notice } from "@/ui/Notice";
import { WaitingRows } from "@/ui/States";
import { SizeChart } from "./SizeChart";
import classes from "./Segments.module.css";

const COMPARED_DAYS = 30;

export function SizeOverTime({ segment }: { segment: Segment }) {
  const { data, error } = useSizes(segment.id, segment.measured_at);
  const sizes = perDay(data?.sizes ?? []);
  const newest = sizes.at(-1);
  const change = sizeChange(sizes, COMPARED_DAYS);
  return (
    <section className={classes["card"]} aria-labelledby="size-over-time">
      <Title order={2} id="size-over-time">
        Size over time
      </Title>
      {data === undefined && (error === null ? <WaitingRows rows={4} /> : <Notice kind="bad">{inWords(error)}</Notice>)}
      {data !== undefined && newest === undefined && <Text c="dimmed">{segment.kind === "frozen" ? "A frozen segment keeps its size." : "Being counted for the first time."}</Text>}
      {newest !== undefined && change === null && (
        <Text c="dimmed">
          {peopleWord(newest.contacts)} on {day(newest.measured_at)}. It is counted every day; the line begins tomorrow.
        </Text>
      )}
      {change !== null && (
        <Text c="dimmed">
          {peopleWord(change.to.contacts)} on {day(change.to.measured_at)}, {changeWords(change.by)} on {day(change.from.measured_at)}.
        </Text>
      )}
      {change !== null && <SizeChart sizes={sizes} />}
      {newest !== undefined && (
        // A region that scrolls has to be reachable by keyboard.
        // eslint-disable-next-line jsx-a11y/no-noninteractive-tabindex
        <div className={classes["sizes"]} role="region" aria-label="Sizes by day" tabIndex={0}>
          <table>
            <thead>
              <tr>
                <th scope="col">Day</th>
                <th scope="col">People</th>
              </tr>
            </thead>
            <tbody>
              {sizes.toReversed().map(({ measured_at: at, contacts }) => (
                <tr key={at}>
                  <th scope="row">{day(at)}</th>
                  <td>{count(contacts)}</td>
                </tr>
              ))}
            </tbody>
          </table>
        </div>
      )}
    </section>
  );
}
