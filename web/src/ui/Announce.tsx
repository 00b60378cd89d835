/** Tells screen readers what moved, at most once every few seconds. */
import { VisuallyHidden } from "@mantine/core";
import { useThrottledValue } from "@mantine/hooks";

const PAUSE_MS = 4_000;

export function Announce({ children }: { children: string }) {
  const text = useThrottledValue(children, PAUSE_MS);
  return (
    <VisuallyHidden role="status" aria-live="polite">
      {text}
    </VisuallyHidden>
  );
}
