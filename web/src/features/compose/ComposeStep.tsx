/** The message, and how real recipients will read it. */
import { useDebouncedValue } from "@mantine/hooks";
import { useAudienceFields } from "@/api/audience";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { missingAt } from "@/lib/steps";
import { NextStep } from "@/ui/NextStep";
import { StepPage } from "@/ui/StepPage";
import { MessageField } from "./MessageField";
import { MessageFigures } from "./MessageFigures";
import { Preview } from "./Preview";
import { useSteppedPreview } from "./useSteppedPreview";
import classes from "./Compose.module.css";

const PREVIEW_AFTER_MS = 120;

export function ComposeStep() {
  const { broadcast, step, isReadOnly, faults, hasUnsaved } = useDraft();
  const [body] = useDebouncedValue(step.body, PREVIEW_AFTER_MS);
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const { data: words } = useAudienceFields();
  const preview = useSteppedPreview(broadcast.id, body);
  const isPreviewStale = preview.isStale || body !== step.body;
  const foreseen = !hasUnsaved && outlook?.version === broadcast.version ? missingAt(outlook, "compose") : [];
  const problems = body.trim() === "" ? [] : [...preview.errors, ...foreseen].map(({ detail }) => detail);
  const refused = faults.filter(({ pointer }) => pointer.startsWith("/body")).map(({ detail }) => detail);

  return (
    <StepPage title="Compose" step="compose">
      <div className={classes["columns"]}>
        <div className={classes["writing"]}>
          <MessageField
            problems={[...new Set([...problems, ...refused])]}
            words={words}
            outlook={outlook}
            figures={
              <MessageFigures
                shown={step.body.trim() === "" ? undefined : preview.shown}
                isShownStale={isPreviewStale}
                outlook={outlook}
                isOutlookStale={hasUnsaved || outlook?.version !== broadcast.version}
              />
            }
          />
        </div>
        <Preview preview={preview} isEmpty={step.body.trim() === ""} isStale={isPreviewStale} total={outlook?.will_send ?? null} />
      </div>
      <NextStep after="compose" />
    </StepPage>
  );
}
