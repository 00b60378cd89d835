/** The text of an SMS, what it costs, and how real recipients will read it. */
import { useDebouncedValue } from "@mantine/hooks";
import { useAudienceFields } from "@/api/audience";
import { useSmsCheck } from "@/api/content";
import { useOutlook } from "@/api/outlook";
import { usePreview } from "@/api/preview";
import { useDraft } from "@/api/useDraft";
import { missingAt } from "@/lib/steps";
import { PersonStepper } from "@/ui/PersonStepper";
import { MessageField } from "./MessageField";
import { Preview } from "./Preview";
import { SendTest } from "./SendTest";
import type { PreviewPeople } from "./usePreviewPeople";
import { useUnreached } from "./useUnreached";
import classes from "./Compose.module.css";

/** With the answer's way a change is on the screen within a tenth of a second. */
const PREVIEW_AFTER_MS = 40;
const CHECK_AFTER_MS = 250;

export function SmsPart({ people }: { people: PreviewPeople }) {
  const { broadcast, step, faults, hasUnsaved } = useDraft();
  const [body] = useDebouncedValue(step.body, PREVIEW_AFTER_MS);
  const [checkedBody] = useDebouncedValue(step.body, CHECK_AFTER_MS);
  const { data: outlook } = useOutlook(broadcast.id, broadcast.status === "draft");
  const { data: words } = useAudienceFields();
  const id = people.person?.id;
  const isEmpty = step.body.trim() === "";
  const preview = usePreview(broadcast.id, id === undefined || isEmpty ? null : { step_id: step.id, channel: "sms", body, contact_id: id });
  const check = useSmsCheck(checkedBody, !isEmpty);
  const unreached = useUnreached("sms", people.person);
  const isPreviewStale = preview.isPlaceholderData || body !== step.body;
  const isBehind = hasUnsaved || outlook?.version !== broadcast.version;
  const ofStep = outlook?.steps.find(({ step_id: each }) => each === step.id);
  const figures = outlook === undefined || ofStep === undefined ? undefined : { ...ofStep, exact: outlook.exact };
  const foreseen = isBehind ? [] : missingAt(outlook, "compose").filter((problem) => problem.of_step === step.id && problem.pointer.startsWith("/body"));
  const problems = body.trim() === "" ? [] : [...(preview.data?.errors ?? []), ...foreseen].map(({ detail }) => detail);
  const refused = faults.filter(({ pointer }) => pointer.startsWith("/body")).map(({ detail }) => detail);
  const messages = figures?.messages.find(({ channel }) => channel === "sms")?.messages ?? null;

  return (
    <div className={classes["columns"]}>
      <div className={classes["writing"]}>
        <MessageField
          problems={[...new Set([...problems, ...refused])]}
          words={words}
          figures={figures}
          isBehind={isBehind}
          shown={isEmpty ? undefined : (preview.data?.recipients[0]?.sms ?? undefined)}
          isShownStale={isPreviewStale}
          check={isEmpty ? undefined : check.data}
          isCheckStale={check.isPlaceholderData || checkedBody !== step.body}
          onLongest={people.show}
        />
      </div>
      <div className={classes["preview"]}>
        <Preview
          people={people}
          sms={{ page: preview.data, failure: preview.error, isStale: isPreviewStale }}
          isEmpty={isEmpty}
          unreached={unreached}
          stepper={<PersonStepper people={people} total={step.channel === "sms" ? messages : (figures?.people ?? null)} />}
        />
        <SendTest channel="sms" shown={people.person} />
      </div>
    </div>
  );
}
