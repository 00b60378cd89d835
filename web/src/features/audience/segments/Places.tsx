/** The broadcasts and segments whose filter names this one. */
import { Text } from "@mantine/core";
import type { SegmentUses } from "@/api/segments";
import { TextLink } from "@/ui/links";
import { BroadcastStatusChip } from "@/ui/Status";
import classes from "./Segments.module.css";

export const placesIn = ({ broadcasts, segments }: SegmentUses): number => broadcasts.length + segments.length;

export function Places({ uses, onLeave }: { uses: SegmentUses; onLeave?: () => void }) {
  return (
    <ul className={classes["places"]} aria-label="Where it is used">
      {uses.broadcasts.map(({ id, name, status }) => (
        <li key={id}>
          <TextLink to={status === "draft" ? "/broadcasts/$id/audience" : "/broadcasts/$id"} params={{ id }} onClick={onLeave}>
            {name || "Untitled broadcast"}
          </TextLink>
          <BroadcastStatusChip status={status} />
        </li>
      ))}
      {uses.segments.map(({ id, name }) => (
        <li key={id}>
          <TextLink to="/segments/$id" params={{ id }} onClick={onLeave}>
            {name}
          </TextLink>
          <Text span c="dimmed">
            Segment
          </Text>
        </li>
      ))}
    </ul>
  );
}
