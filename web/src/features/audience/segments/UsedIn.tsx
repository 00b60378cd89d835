/** Where a segment is used: what changes with it, and what keeps it from being deleted. */
import { Text, Title } from "@mantine/core";
import { inWords } from "@/api/problem";
import { useUses, type Segment } from "@/api/segments";
import { Notice } from "@/ui/Notice";
import { WaitingRows } from "@/ui/States";
import { placesIn, Places } from "./Places";
import classes from "./Segments.module.css";

export function UsedIn({ segment }: { segment: Segment }) {
  const { data, error } = useUses(segment.id);
  return (
    <section className={classes["card"]} aria-labelledby="used-in">
      <Title order={2} id="used-in" mb={8}>
        Where it is used
      </Title>
      {data !== undefined && placesIn(data) > 0 && <Places uses={data} />}
      {data !== undefined && placesIn(data) === 0 && <Text c="dimmed">Nowhere yet. Broadcasts are listed until they end.</Text>}
      {data === undefined && (error === null ? <WaitingRows rows={2} /> : <Notice kind="bad">{inWords(error)}</Notice>)}
    </section>
  );
}
