/** The email as a contact gets it: on a screen, on a phone, by night. */
import { Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { Notice } from "@/ui/Notice";
import { Later } from "@/ui/States";
import type { CheckedEmail, EmailPreview as Shown } from "./check";
import { hasOwnDark, inScheme } from "./scheme";
import type { PreviewAs } from "./value";
import classes from "./EmailPreview.module.css";

type View = "desktop" | "phone" | "dark";

const views: { value: View; label: string }[] = [
  { value: "desktop", label: "Desktop" },
  { value: "phone", label: "Phone" },
  { value: "dark", label: "Dark" },
];

const widths: Record<View, number> = { desktop: 700, phone: 375, dark: 700 };
const HEIGHT = 640;

interface EmailPreviewProps {
  preview: Shown;
  as: PreviewAs | undefined;
  /** Null: the sender's own name. */
  fromName: string | null;
}

export function EmailPreview({ preview: { shown, isStale, failure }, as, fromName }: EmailPreviewProps) {
  const [view, setView] = useState<View>("desktop");
  const html = shown?.html ?? "";
  return (
    <section aria-label="Preview" className={classes["preview"]}>
      <Group justify="space-between" gap={8}>
        <SegmentedControl size="xs" aria-label="Preview on" data={views} value={view} onChange={setView} />
        {as?.stepper}
      </Group>
      {as?.unreached !== undefined && as.unreached !== null && <Notice kind="info">{as.unreached}</Notice>}
      {shown !== undefined && <Inbox shown={shown} fromName={fromName} isStale={isStale} />}
      {failure !== null && <Notice kind="offline">{inWords(failure)}</Notice>}
      {html !== "" ? (
        <Frame html={inScheme(html, view === "dark")} view={view} isStale={isStale} />
      ) : shown === undefined && failure === null ? (
        <Later>
          <Skeleton h={HEIGHT} />
        </Later>
      ) : (
        <Text c="dimmed">The preview comes when the email can be made: what is missing stands below.</Text>
      )}
      {view === "dark" && html !== "" && !hasOwnDark(html) && (
        <Text size="xs" c="dimmed">
          As programs show it that darken emails by themselves. Others leave the colours as they are.
        </Text>
      )}
      {shown !== undefined && shown.missing.length > 0 && (
        <Text size="xs" c="var(--app-care)">
          Missing here: {shown.missing.join(", ")}
        </Text>
      )}
    </section>
  );
}

/** The next version is drawn behind the one that is seen, and takes its place when it is there: nothing flashes. */
function Frame({ html, view, isStale }: { html: string; view: View; isStale: boolean }) {
  const { ref, width } = useElementSize();
  const [seen, setSeen] = useState(html);
  const wanted = widths[view];
  const scale = width === 0 ? 1 : Math.min(1, width / wanted);
  return (
    <div ref={ref} className={classes["frame"]} data-stale={isStale || undefined} style={{ height: HEIGHT }}>
      {(seen === html ? [seen] : [seen, html]).map((page) => (
        <iframe
          key={page}
          title={page === seen ? "Preview of the email" : "Next preview of the email"}
          aria-hidden={page !== seen}
          tabIndex={page === seen ? 0 : -1}
          sandbox=""
          srcDoc={page}
          onLoad={() => page === html && setSeen(html)}
          style={{
            width: wanted,
            height: HEIGHT / scale,
            transform: `translateX(-50%) scale(${scale})`,
            visibility: page === seen ? "visible" : "hidden",
          }}
        />
      ))}
    </div>
  );
}

/** The line of a mailbox, before the email is opened. */
function Inbox({ shown, fromName, isStale }: { shown: CheckedEmail; fromName: string | null; isStale: boolean }) {
  return (
    <div className={classes["inbox"]} role="group" aria-label="In the mailbox" data-stale={isStale || undefined}>
      {fromName !== null && <Text fw={550}>{fromName}</Text>}
      <Text fw={550}>{shown.subject === "" ? "No subject" : shown.subject}</Text>
      {shown.preheader !== "" && (
        <Text c="dimmed" lineClamp={1}>
          {shown.preheader}
        </Text>
      )}
    </div>
  );
}
