/** The rail: what will happen, live beside every step; after the launch what has come of it. A sheet on phones. */
import { Drawer, Skeleton, Stack, UnstyledButton } from "@mantine/core";
import { useDisclosure, useMediaQuery } from "@mantine/hooks";
import { IconChevronUp } from "@tabler/icons-react";
import { useEffect, type ReactNode } from "react";
import type { LiveState } from "@/api/live";
import { canStillChange } from "@/api/ofStep";
import { useOutlook } from "@/api/outlook";
import { useTracking } from "@/api/tracking";
import { useDraft } from "@/api/useDraft";
import { firstDate, whenOf } from "@/lib/sequence/days";
import { fullTitleOf, whenSaid } from "@/lib/sequence/words";
import type { Broadcast } from "@/api/types";
import { Failed, Later } from "@/ui/States";
import { Announce } from "@/ui/Announce";
import { Notice } from "@/ui/Notice";
import { outlookLine, outlookShort, OutlookRail } from "./OutlookRail";
import { trackingLine, TrackingRail, trackingShort } from "./TrackingRail";
import classes from "./Rail.module.css";

/** If no outlook of the newest version was pushed by then, it is asked for. */
const ASK_AFTER_MS = 1_500;

const sheetStyles = { inner: { alignItems: "flex-end" }, content: { height: "auto", flex: "0 1 auto", maxHeight: "85dvh", width: "100%" } };

export function Rail({ connection }: { connection: LiveState }) {
  const isSheet = useMediaQuery("(max-width: 75em)", undefined, { getInitialValueInEffect: false });
  const { isReadOnly } = useDraft();
  const { line, short, isStale, content } = useRail(connection);
  const title = isReadOnly ? "Progress" : "What will happen";
  const [isOpen, { open, close }] = useDisclosure(false);

  if (!isSheet) {
    return (
      <aside aria-label={title} className={classes["rail"]}>
        {content}
        <Announce>{line}</Announce>
      </aside>
    );
  }
  return (
    <>
      <aside aria-label={title} className={classes["foot"]}>
        <UnstyledButton className={classes["footLine"]} onClick={open} aria-haspopup="dialog">
          <span className={`figure ${classes["footText"] ?? ""}`} data-stale={isStale || undefined}>{short}</span>
          <IconChevronUp size={18} aria-hidden />
        </UnstyledButton>
        <Announce>{line}</Announce>
      </aside>
      <Drawer opened={isOpen} onClose={close} position="bottom" size="auto" title={title} styles={sheetStyles} closeButtonProps={{ "aria-label": "Close" }}>
        <div onClickCapture={(event) => (event.target as HTMLElement).closest("a, [data-opens]") !== null && close()}>{content}</div>
      </Drawer>
    </>
  );
}

/** The next step that has not begun, of those that follow the first. */
function nextSaid(broadcast: Broadcast): string | null {
  const next = broadcast.steps.find((step) => step.position > 1 && canStillChange(broadcast, step));
  if (next === undefined) return null;
  const dayOne = firstDate(broadcast.steps, new Date(), broadcast.launched_at);
  return `${fullTitleOf(next)}: ${whenSaid(whenOf(next, dayOne), false)}`;
}

function useRail(connection: LiveState) {
  const { broadcast, isReadOnly, hasUnsaved, failure } = useDraft();
  const outlook = useOutlook(broadcast.id, !isReadOnly);
  const tracking = useTracking(broadcast.id, isReadOnly);
  const isOffline = connection === "offline";
  const isBehind = outlook.data !== undefined && outlook.data.version !== broadcast.version;

  const { refetch } = outlook;
  useEffect(() => {
    if (isReadOnly || hasUnsaved || !isBehind) return;
    const timer = setTimeout(() => void refetch(), ASK_AFTER_MS);
    return () => clearTimeout(timer);
  }, [isReadOnly, hasUnsaved, isBehind, refetch]);

  const offline = isOffline && (
    <Notice kind="offline">Offline: these numbers may be old. Clarion reconnects by itself.</Notice>
  );
  const offlineFirst = (words: string) => (isOffline ? `Offline · ${words}` : words);
  const wrap = (line: string, inner: ReactNode, short = line, isStale = false) => ({
    isStale,
    line: offlineFirst(line),
    short: offlineFirst(short),
    content: (
      <Stack gap={12}>
        {offline}
        {inner}
      </Stack>
    ),
  });
  if (isReadOnly && tracking.data !== undefined) {
    return wrap(trackingLine(tracking.data), <TrackingRail next={nextSaid(broadcast)} tracking={tracking.data} broadcastId={broadcast.id} isStale={isOffline} />, trackingShort(tracking.data), isOffline);
  }
  if (!isReadOnly && outlook.data !== undefined) {
    const isStale = isOffline || hasUnsaved || isBehind;
    return wrap(outlookLine(outlook.data), <OutlookRail failure={failure} outlook={outlook.data} broadcastId={broadcast.id} isStale={isStale} />, outlookShort(outlook.data), isStale);
  }
  const { error, refetch: again } = isReadOnly ? tracking : outlook;
  if (error !== null) return wrap("No numbers yet", <Failed error={error} onRetry={() => void again()} />);
  return wrap(
    "Counting",
    <Later>
      <Skeleton h={40} mb={12} />
      <Skeleton h={20} mb={8} />
      <Skeleton h={20} mb={8} />
      <Skeleton h={20} />
    </Later>,
  );
}
