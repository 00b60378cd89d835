/** What most broadcasts leave as it is: one sentence, and behind it the choices. */
import { Button, Collapse, Text } from "@mantine/core";
import { useDisclosure } from "@mantine/hooks";
import { IconChevronDown } from "@tabler/icons-react";
import { useId } from "react";
import { useDraft } from "@/api/useDraft";
import { rulesSaid } from "@/lib/sendingRules";
import { RulesFields } from "@/ui/RulesFields";
import classes from "./Schedule.module.css";

const mine = ["/max_per_minute", "/late_policy", "/stop_at_failure_rate"];

export function MoreOptions() {
  const { broadcast, isReadOnly, change, faults, generation } = useDraft();
  const [isOpen, { toggle }] = useDisclosure(false);
  const id = useId();
  const ownFaults = faults.filter(({ pointer }) => mine.includes(pointer));
  // What was refused stays in sight until it is mended.
  const isShown = isOpen || ownFaults.length > 0;
  return (
    <section className={classes["card"]} aria-label="Sending options">
      <div className={classes["more"]}>
        <Button
          variant="subtle"
          color="gray"
          className={classes["moreButton"]}
          aria-expanded={isShown}
          aria-controls={id}
          rightSection={<IconChevronDown size={16} aria-hidden className={classes["chevron"]} data-open={isShown || undefined} />}
          onClick={toggle}
        >
          Sending options
        </Button>
        <Text c="dimmed" className={classes["said"]}>
          {rulesSaid(broadcast)}
        </Text>
      </div>
      <Collapse expanded={isShown} id={id}>
        <RulesFields key={generation} rules={broadcast} faults={ownFaults} isReadOnly={isReadOnly} onChange={(rules) => change({ broadcast: rules })} />
      </Collapse>
    </section>
  );
}
