/** The email as a contact gets it: on a screen, on a phone, by night. */
import { ActionIcon, Group, SegmentedControl, Skeleton, Text } from "@mantine/core";
import { useElementSize } from "@mantine/hooks";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useState } from "react";
import { inWords } from "@/api/problem";
import { count } from "@/lib/format";
import { Notice } from "@/ui/Notice";
import { Later } from "@/ui/States";
import type { EmailPreview as Shown } from "./check";
import { hasOwnDark, inScheme } from "./scheme";
import type { PreviewPeople } from "./value";
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
  people: PreviewPeople | undefined;
  position: number;
  onPosition: (position: number) => void;
}

export function EmailPreview({ preview: { shown, isStale, failure }, people, position, onPosition }: EmailPreviewProps) {
  const [view, setView] = useState<View>("desktop");
  const html = shown?.html ?? "";
  return (
    <section aria-label="Preview" className={classes["preview"]}>
      <Group justify="space-between" gap={8}>
        <SegmentedControl size="xs" aria-label="Preview on" data={views} value={view} onChange={setView} />
        {people !== undefined && people.contacts.length > 0 && <Stepper people={people} position={position} onPosition={onPosition} />}
      </Group>
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

function Stepper({ people: { contacts, total, more }, position, onPosition }: Pick<EmailPreviewProps, "position" | "onPosition"> & { people: PreviewPeople }) {
  const next = position + 1;
  const isLast = next >= contacts.length && more === undefined;
  return (
    <div className={classes["stepper"]}>
      <ActionIcon variant="default" size="lg" aria-label="Previous contact" disabled={position === 0} onClick={() => onPosition(position - 1)}>
        <IconChevronLeft size={18} aria-hidden />
      </ActionIcon>
      <div className={classes["who"]}>
        <Text fw={550} truncate>
          {contacts[position]?.name ?? "…"}
        </Text>
        <Text size="xs" c="dimmed" className="figure">
          {count(position + 1)} of {total === null ? "…" : count(Math.max(total, contacts.length))}
        </Text>
      </div>
      <ActionIcon
        variant="default"
        size="lg"
        aria-label="Next contact"
        disabled={isLast}
        onClick={() => {
          if (next >= contacts.length - 1) more?.();
          if (next < contacts.length) onPosition(next);
        }}
      >
        <IconChevronRight size={18} aria-hidden />
      </ActionIcon>
    </div>
  );
}
