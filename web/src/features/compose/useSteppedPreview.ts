/** Going through the real recipients one by one; the next page is there before it is needed. */
import { useEffect, useState } from "react";
import { PREVIEW_PAGE, usePrefetchPreview, usePreview } from "@/api/preview";
import type { Fault, RecipientPreview } from "@/api/types";

export interface SteppedPreview {
  shown: RecipientPreview | undefined;
  /** 1 for the first recipient */
  position: number;
  errors: Fault[];
  failure: Error | null;
  isWaiting: boolean;
  isStale: boolean;
  previous: (() => void) | null;
  next: (() => void) | null;
  retry: () => void;
}

interface Place {
  /** Where each page so far began. */
  cursors: (string | null)[];
  index: number;
}

export function useSteppedPreview(id: string, body: string): SteppedPreview {
  const [{ cursors, index }, setPlace] = useState<Place>({ cursors: [null], index: 0 });
  const cursor = cursors.at(-1) ?? null;
  const { data, error, isPlaceholderData, refetch } = usePreview(id, body, cursor);
  const prefetch = usePrefetchPreview(id);
  const following = isPlaceholderData ? null : (data?.next ?? null);

  useEffect(() => {
    if (following !== null) prefetch(body, following);
    // eslint-disable-next-line react-hooks/exhaustive-deps -- `prefetch` is new with each render, what it fetches is not
  }, [body, following]);

  const recipients = data?.recipients ?? [];
  const shownIndex = Math.min(index, Math.max(0, recipients.length - 1));

  const next = () => {
    if (shownIndex + 1 < recipients.length) setPlace({ cursors, index: shownIndex + 1 });
    else if (following !== null) setPlace({ cursors: [...cursors, following], index: 0 });
  };
  const previous = () => {
    if (shownIndex > 0) setPlace({ cursors, index: shownIndex - 1 });
    else if (cursors.length > 1) setPlace({ cursors: cursors.slice(0, -1), index: PREVIEW_PAGE - 1 });
  };

  return {
    shown: recipients[shownIndex],
    position: (cursors.length - 1) * PREVIEW_PAGE + shownIndex + 1,
    errors: data?.errors ?? [],
    failure: error,
    isWaiting: data === undefined && error === null,
    isStale: isPlaceholderData,
    previous: shownIndex > 0 || cursors.length > 1 ? previous : null,
    next: shownIndex + 1 < recipients.length || following !== null ? next : null,
    retry: () => void refetch(),
  };
}
