/** A phone with the message of a real recipient; step through them. */
import { ActionIcon, Group, Skeleton, Text } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useMe } from "@/api/session";
import { inWords } from "@/api/problem";
import { count } from "@/lib/format";
import { Bubble } from "@/ui/Bubble";
import { Later } from "@/ui/States";
import type { SteppedPreview } from "./useSteppedPreview";
import classes from "./Compose.module.css";

interface PreviewProps {
  preview: SteppedPreview;
  isEmpty: boolean;
  isStale: boolean;
  total: number | null;
}

export function Preview({ preview, isEmpty, isStale, total }: PreviewProps) {
  const { data: me } = useMe();
  const { shown } = preview;
  return (
    <section aria-label="Preview" className={classes["preview"]}>
      <div className={classes["phone"]}>
        <div className={classes["sender"]}>{me?.sms.sender ?? "Sender"}</div>
        <div className={classes["screen"]}>
          <Screen preview={preview} isEmpty={isEmpty} isStale={isStale} />
        </div>
      </div>
      <Group justify="space-between" wrap="nowrap" gap={8}>
        <ActionIcon variant="default" size="lg" aria-label="Previous recipient" disabled={preview.previous === null} onClick={() => preview.previous?.()}>
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <div className={classes["who"]}>
          {shown !== undefined && (
            <>
              <Text fw={550} truncate>
                {shown.name}
              </Text>
              <Text size="xs" c="dimmed" className="figure">
                {count(preview.position)} of {total === null ? "…" : count(Math.max(total, preview.position))}
              </Text>
            </>
          )}
        </div>
        <ActionIcon variant="default" size="lg" aria-label="Next recipient" disabled={preview.next === null} onClick={() => preview.next?.()}>
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </Group>
    </section>
  );
}

function Screen({ preview, isEmpty, isStale }: Omit<PreviewProps, "total">) {
  const { shown } = preview;
  if (isEmpty) return <Text c="dimmed">What you write appears here, as each person will read it.</Text>;
  if (preview.isWaiting) {
    return (
      <Later>
        <Skeleton h={64} w="80%" radius={18} />
      </Later>
    );
  }
  if (preview.failure !== null && shown === undefined) return <Text c="dimmed">{inWords(preview.failure)}</Text>;
  if (preview.errors.length > 0) return <Text c="dimmed">The preview comes back when the message can be read.</Text>;
  if (shown === undefined) return <Text c="dimmed">Nobody would get this message yet. Choose an audience first.</Text>;
  return (
    <>
      <Bubble text={shown.text} isStale={isStale} />
      {shown.missing.length > 0 && (
        <Text size="xs" c="var(--app-care)">
          Missing here: {shown.missing.join(", ")}
        </Text>
      )}
    </>
  );
}
