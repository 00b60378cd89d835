/** The text of an SMS, and how real recipients will read it. */
import { useDebouncedValue } from "@mantine/hooks";
import { useAudienceFields } from "@/api/audience";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { missingAt } from "@/lib/steps";
import { MessageField } from "./MessageField";
import { MessageFigures } from "./MessageFigures";
import { Preview } from "./Preview";
import { useSteppedPreview } from "./useSteppedPreview";
import classes from "./Compose.module.css";

const PREVIEW_AFTER_MS = 120;

export function SmsPart() {
  const { broadcast, step, faults, hasUnsaved } = useDraft();
  const [body] = useDebouncedValue(step.body, PREVIEW_AFTER_MS);
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft");
  const { data: words } = useAudienceFields();
  const preview = useSteppedPreview(broadcast.id, body);
  const isPreviewStale = preview.isStale || body !== step.body;
  const isBehind = hasUnsaved || outlook?.version !== broadcast.version;
  const ofStep = outlook?.steps.find(({ step_id: id }) => id === step.id);
  const figures = outlook === undefined || ofStep === undefined ? undefined : { ...ofStep, exact: outlook.exact };
  const foreseen = isBehind ? [] : missingAt(outlook, "compose").filter((problem) => problem.of_step === step.id && problem.pointer.startsWith("/body"));
  const problems = body.trim() === "" ? [] : [...preview.errors, ...foreseen].map(({ detail }) => detail);
  const refused = faults.filter(({ pointer }) => pointer.startsWith("/body")).map(({ detail }) => detail);
  const total = figures?.messages.find(({ channel }) => channel === "sms")?.messages ?? null;

  return (
    <div className={classes["columns"]}>
      <div className={classes["writing"]}>
        <MessageField
          problems={[...new Set([...problems, ...refused])]}
          words={words}
          outlook={figures}
          figures={
            <MessageFigures
              shown={step.body.trim() === "" ? undefined : preview.shown}
              isShownStale={isPreviewStale}
              outlook={figures}
              isOutlookStale={isBehind}
            />
          }
        />
      </div>
      <Preview preview={preview} isEmpty={step.body.trim() === ""} isStale={isPreviewStale} total={total} />
    </div>
  );
}
