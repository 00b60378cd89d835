/** The real person that all previews of a step are read as: stepped through, searched, or shown for a reason. */
import { useState } from "react";
import type { ContactsAsked } from "@/api/audience";
import { usePreview } from "@/api/preview";
import { useReading, type Reading } from "@/api/reading";
import { useDraft } from "@/api/useDraft";
import type { Step } from "@/api/types";

export interface PreviewPeople extends Reading {
  show: (contactId: string) => void;
}

const reachedBy = (channel: Step["channel"]): Pick<ContactsAsked, "channel" | "reachable" | "reached_by"> =>
  channel === "sms_email" ? { reached_by: "any" } : { channel, reachable: true };

export function usePreviewPeople(): PreviewPeople {
  const { broadcast, step } = useDraft();
  const [picked, setPicked] = useState<string | null>(null);
  const reading = useReading({ filter: broadcast.filter, ...reachedBy(step.channel) });
  const one = usePreview(broadcast.id, picked === null ? null : { contact_id: picked, step_id: step.id });
  const shown = one.data?.recipients.find((recipient) => recipient.contact_id === picked);

  const letGo = (go: (() => void) | null) =>
    go === null
      ? null
      : () => {
          setPicked(null);
          go();
        };
  const stepping = {
    ...reading,
    next: letGo(reading.next),
    setSearch: (search: string) => {
      setPicked(null);
      reading.setSearch(search);
    },
    show: setPicked,
  };
  if (picked === null || shown === undefined) return { ...stepping, previous: letGo(reading.previous) };
  return {
    ...stepping,
    person: { id: shown.contact_id, name: shown.name || "No name", contact: shown.contact },
    position: null,
    // Back to whom one has come by stepping.
    previous: () => setPicked(null),
  };
}
