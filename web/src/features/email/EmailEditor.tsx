/** The email editor; it is large, and loaded when it is shown first. */
import { Skeleton, Stack } from "@mantine/core";
import { lazy, Suspense } from "react";
import { Later } from "@/ui/States";
import type { EmailEditorProps } from "./Editor";

export type { EmailDocument } from "./document";
export type { EmailValue, PreviewAs } from "./value";

const Editor = lazy(async () => ({ default: (await import("./Editor")).Editor }));

export function EmailEditor(props: EmailEditorProps) {
  return (
    <Suspense fallback={<Waiting />}>
      <Editor {...props} />
    </Suspense>
  );
}

/** In the shape of what comes. */
function Waiting() {
  return (
    <Later>
      <Stack gap={16} role="status" aria-label="Loading">
        <Skeleton h={80} />
        <Skeleton h={80} />
        <Skeleton h={60} />
        <Skeleton h={36} w={320} />
        <Skeleton h={520} />
      </Stack>
    </Later>
  );
}
