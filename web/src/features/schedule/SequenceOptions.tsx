/** What holds for all steps: who leaves the sequence, and what is tracked of emails. */
import { Button, Checkbox, Stack, Text, Title } from "@mantine/core";
import { IconTarget } from "@tabler/icons-react";
import { useAudienceFields } from "@/api/audience";
import { useNames } from "@/api/named";
import { useDraft } from "@/api/useDraft";
import { sentence } from "@/lib/filter/sentence";
import type { Group } from "@/api/types";
import { useGoalPanel } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import classes from "./Schedule.module.css";

/** Of one SMS there is nothing to choose. */
export function SequenceOptions() {
  const { broadcast, isReadOnly, change } = useDraft();
  const isSequence = broadcast.steps.length > 1;
  const hasEmail = broadcast.broadcast_type !== "sms";
  if (!isSequence && !hasEmail) return null;
  const title = isSequence ? "Sequence options" : "Email options";
  return (
    <section className={classes["card"]} aria-label={title}>
      <Title order={2}>{title}</Title>
      {isSequence && (
        <>
          <Checkbox
            label="Who replies leaves the sequence"
            description="They get none of the later steps. Who opts out always leaves."
            checked={broadcast.leave_on_reply}
            disabled={isReadOnly}
            onChange={(event) => change({ broadcast: { leave_on_reply: event.currentTarget.checked } })}
          />
          <Goal />
        </>
      )}
      {hasEmail && (
        <>
          <Checkbox
            label="Track opens of emails"
            description="By a small picture in the email."
            checked={broadcast.track_opens}
            disabled={isReadOnly}
            onChange={(event) => change({ broadcast: { track_opens: event.currentTarget.checked } })}
          />
          <Checkbox
            label="Track clicks in emails"
            description="Links lead through Clarion to where they go."
            checked={broadcast.track_clicks}
            disabled={isReadOnly}
            onChange={(event) => change({ broadcast: { track_clicks: event.currentTarget.checked } })}
          />
        </>
      )}
    </section>
  );
}

const nobody: Group = { match: "all", conditions: [] };

function Goal() {
  const { broadcast, isReadOnly, change, faults } = useDraft();
  const { data: words } = useAudienceFields();
  const { open } = useGoalPanel();
  const { goal } = broadcast;
  const nameOf = useNames(goal ?? nobody);
  const fault = faults.find(({ pointer }) => pointer.startsWith("/goal"))?.detail;
  return (
    <Stack gap={8}>
      <div>
        <Text fw={600}>Goal</Text>
        <Text c="dimmed">
          {goal === null ? "Who gets where the sequence leads needs no further message: say how to tell." : `Who meets it leaves the sequence: ${words === undefined ? "…" : sentence(goal, words, nameOf)}`}
        </Text>
      </div>
      {fault !== undefined && <Notice kind="bad" isAlert>{fault}</Notice>}
      {!isReadOnly && (
        <div className={classes["buttons"]}>
          <Button variant="default" size="xs" leftSection={<IconTarget size={16} aria-hidden />} onClick={() => open(true)}>
            {goal === null ? "Set a goal" : "Change the goal"}
          </Button>
          {goal !== null && (
            <Button variant="subtle" color="gray" size="xs" onClick={() => change({ broadcast: { goal: null } })}>
              No goal
            </Button>
          )}
        </div>
      )}
    </Stack>
  );
}
