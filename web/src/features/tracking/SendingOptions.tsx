/** How a launched broadcast is sent, while it has not ended. */
import { Button, Drawer, Group, Stack, Text } from "@mantine/core";
import { IconAdjustmentsHorizontal } from "@tabler/icons-react";
import { useState } from "react";
import { useBroadcast, useChangeRules } from "@/api/broadcast";
import { ApiProblem, hasStatus, inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { rulesOf, rulesSaid, sameRules } from "@/lib/sendingRules";
import type { Fault, SendingRules } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { RulesFields } from "@/ui/RulesFields";

const fields = ["/max_per_minute", "/late_policy", "/stop_at_failure_rate"];

export function SendingOptions() {
  const [isOpen, setOpen] = useState(false);
  return (
    <>
      <Button variant="default" leftSection={<IconAdjustmentsHorizontal size={16} aria-hidden />} onClick={() => setOpen(true)}>
        Sending options
      </Button>
      <Drawer opened={isOpen} onClose={() => setOpen(false)} position="right" size={480} title="Sending options" closeButtonProps={{ "aria-label": "Close" }}>
        {isOpen && <Form onClose={() => setOpen(false)} />}
      </Drawer>
    </>
  );
}

function Form({ onClose }: { onClose: () => void }) {
  const { broadcast: known } = useDraft();
  const { data: broadcast = known } = useBroadcast(known.id);
  const [rules, setRules] = useState<SendingRules>(rulesOf(broadcast));
  const save = useChangeRules(broadcast.id);
  const faults: Fault[] = save.error instanceof ApiProblem ? save.error.faults.filter(({ pointer }) => fields.includes(pointer)) : [];
  const isSame = sameRules(rules, broadcast);
  return (
    <form
      onSubmit={(event) => {
        event.preventDefault();
        if (!isSame) save.mutate(rules, { onSuccess: onClose });
      }}
    >
      <Stack gap="lg">
        <Text c="dimmed">What is changed here holds at once, for the messages that have not left.</Text>
        {save.isError && faults.length === 0 && (
          <Notice kind="bad" isAlert>
            {inWords(save.error)}
            {hasStatus(save.error, 409) && ` Not saved. It is set to: ${rulesSaid(broadcast)}.`}
          </Notice>
        )}
        <RulesFields
          rules={rules}
          faults={faults}
          onChange={(change) => {
            setRules((before) => ({ ...before, ...change }));
            save.reset();
          }}
        />
        <Group justify="flex-end">
          <Button variant="default" onClick={onClose}>
            Go back
          </Button>
          <Button type="submit" disabled={isSame} loading={save.isPending}>
            Save
          </Button>
        </Group>
      </Stack>
    </form>
  );
}
