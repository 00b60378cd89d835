/** The steps of the sequence: which one is written, what is missing at which, and one more. */
import { Button, VisuallyHidden } from "@mantine/core";
import { IconCircleDashed, IconPlus } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import { useOutlook } from "@/api/outlook";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useDraft } from "@/api/useDraft";
import { broadcastTypeWord } from "@/lib/format";
import { firstDate, whenOf } from "@/lib/sequence/days";
import { titleOf, whenSaid } from "@/lib/sequence/words";
import { missingAt } from "@/lib/steps";
import type { Step } from "@/api/types";
import { ChannelIcon } from "@/ui/ChannelIcon";
import { useChosenStep } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import classes from "./StepList.module.css";

export function StepList({ current }: { current: Step }) {
  const { broadcast, isReadOnly } = useDraft();
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const { add, addStep } = useStepCommands();
  const { choose } = useChosenStep();
  const dayOne = firstDate(broadcast.steps, new Date(), broadcast.launched_at);
  const isMissing = (step: Step) => !isReadOnly && missingAt(outlook, "compose").some((problem) => problem.of_step === step.id);
  return (
    <nav aria-label="Steps of the sequence">
      <ol className={classes["list"]}>
        {broadcast.steps.map((step) => {
          const when = whenSaid(whenOf(step, dayOne), step.send_mode === "now");
          return (
            <li key={step.id}>
              <Link
                to="."
                search={(before) => ({ ...before, step: step.id })}
                resetScroll={false}
                className={classes["step"]}
                aria-current={step.id === current.id ? "page" : undefined}
              >
                <span className={classes["title"]}>
                  <ChannelIcon channel={step.channel} />
                  <span className={classes["name"]}>
                    {step.name !== "" && <VisuallyHidden>Step {step.position}, </VisuallyHidden>}
                    {titleOf(step)}
                  </span>
                  <VisuallyHidden>, {broadcastTypeWord(step.channel)}</VisuallyHidden>
                  {isMissing(step) && <IconCircleDashed size={16} aria-hidden className={classes["missing"]} />}
                </span>
                <span className={classes["when"]}>
                  {when}
                  {isMissing(step) && <VisuallyHidden>, something is missing</VisuallyHidden>}
                </span>
              </Link>
            </li>
          );
        })}
        {!isReadOnly && (
          <li className={classes["more"]}>
            <Button variant="subtle" color="gray" leftSection={<IconPlus size={16} aria-hidden />} loading={add.isPending} onClick={() => addStep(choose)}>
              Add a step
            </Button>
          </li>
        )}
      </ol>
      {add.isError && <Notice kind="bad" isAlert>{inWords(add.error)}</Notice>}
    </nav>
  );
}
