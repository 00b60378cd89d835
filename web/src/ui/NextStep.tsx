/** The way on, named after where it leads; what is missing at this step stands beside it. */
import { Text } from "@mantine/core";
import { IconArrowRight, IconCircleDashed } from "@tabler/icons-react";
import { useOutlook } from "@/api/outlook";
import { useDraft } from "@/api/useDraft";
import { missingAt, problemKey, problemSaid, steps, type WizardStepKey } from "@/lib/steps";
import { ButtonLink } from "./links";
import classes from "./NextStep.module.css";

export function NextStep({ after }: { after: WizardStepKey }) {
  const { broadcast, isReadOnly } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const next = steps[steps.findIndex(({ key }) => key === after) + 1];
  const missing = isReadOnly ? [] : missingAt(outlook, after);
  if (next === undefined) return null;
  return (
    <div className={classes["row"]}>
      <ul className={classes["missing"]} aria-label="Missing at this step">
        {missing.map((problem) => (
          <li key={problemKey(problem)}>
            <IconCircleDashed size={16} aria-hidden />
            <Text span>{outlook === undefined ? problem.detail : problemSaid(problem, outlook)}</Text>
          </li>
        ))}
      </ul>
      <ButtonLink to={next.to} params={{ id: broadcast.id }} rightSection={<IconArrowRight size={16} aria-hidden />}>
        Continue to {next.name}
      </ButtonLink>
    </div>
  );
}
