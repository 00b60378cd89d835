/** One segment: who is in it, how its size has moved, where it is used. */
import { Skeleton } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import { IconMapOff } from "@tabler/icons-react";
import { useParams } from "@tanstack/react-router";
import { useState } from "react";
import { useAudienceFields } from "@/api/audience";
import { hasStatus, inWords } from "@/api/problem";
import { useSegment, type Segment } from "@/api/segments";
import type { AudienceFields } from "@/api/types";
import { TextLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, Later } from "@/ui/States";
import { BackToSegments } from "./BackToSegments";
import { FrozenFilter } from "./FrozenFilter";
import { SegmentActions } from "./SegmentActions";
import { SegmentFilter } from "./SegmentFilter";
import { SegmentName } from "./SegmentName";
import { SizeOverTime } from "./SizeOverTime";
import { UsedIn } from "./UsedIn";
import classes from "./Segments.module.css";

export function SegmentPage() {
  const { id } = useParams({ from: "/segments/$id" });
  const segment = useSegment(id);
  const words = useAudienceFields();
  const error = segment.error ?? words.error;
  const isOffline = segment.fetchStatus === "paused" || words.fetchStatus === "paused";
  if (segment.data !== undefined && words.data !== undefined) {
    return (
      <div className={classes["page"]}>
        {(segment.isError || isOffline) && (
          <div className={classes["above"]}>
            <Notice kind="offline">{inWords(segment.error)}</Notice>
          </div>
        )}
        <OneSegment key={id} segment={segment.data} words={words.data} />
      </div>
    );
  }
  if (hasStatus(error, 404)) {
    return (
      <Empty icon={IconMapOff} title="There is no such segment" action={<TextLink to="/segments">Go to Segments</TextLink>}>
        It may have been deleted.
      </Empty>
    );
  }
  if (error === null && !isOffline) return <Waiting />;
  return (
    <Failed
      error={error}
      onRetry={() => {
        void segment.refetch();
        void words.refetch();
      }}
    />
  );
}

function OneSegment({ segment, words }: { segment: Segment; words: AudienceFields }) {
  useDocumentTitle(`${segment.name} · Segments · Clarion`);
  const [isUnsaved, setUnsaved] = useState(false);
  const isFrozen = segment.kind === "frozen";
  return (
    <>
      <BackToSegments />
      <SegmentName segment={segment} />
      <SegmentActions segment={segment} isUnsaved={isUnsaved} />
      {segment.problem !== null && (
        <div className={classes["problem"]}>
          <Notice kind="bad">This segment cannot be used until its filter is mended. {segment.problem}</Notice>
        </div>
      )}
      <div className={classes["columns"]}>
        <div className={classes["column"]}>
          {/* A filter that is still edited stays on the screen when somebody else freezes the segment. */}
          {isFrozen && !isUnsaved ? <FrozenFilter segment={segment} words={words} /> : <SegmentFilter segment={segment} words={words} onUnsaved={setUnsaved} />}
        </div>
        <div className={classes["column"]}>
          <SizeOverTime segment={segment} />
          <UsedIn segment={segment} />
        </div>
      </div>
    </>
  );
}

function Waiting() {
  return (
    <div className={classes["page"]}>
      <Later>
        <Skeleton h={28} w={280} mb={24} />
        <div className={classes["columns"]}>
          <Skeleton h={420} />
          <Skeleton h={320} visibleFrom="lg" />
        </div>
      </Later>
    </div>
  );
}
