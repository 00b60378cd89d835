/** One more message on a later day; where there is one step only, a quiet word. */
import { Button, Text } from "@mantine/core";
import { IconPlus } from "@tabler/icons-react";
import { inWords } from "@/api/problem";
import { useStepCommands } from "@/api/steps";
import { useChosenStep } from "@/ui/inAddress";
import { Notice } from "@/ui/Notice";
import classes from "./Compose.module.css";

export function AddStep() {
  const { add, addStep } = useStepCommands();
  const { choose } = useChosenStep();
  return (
    <div className={classes["add"]}>
      <Button variant="subtle" color="gray" leftSection={<IconPlus size={16} aria-hidden />} loading={add.isPending} onClick={() => addStep(choose)}>
        Add a step
      </Button>
      <Text c="dimmed">Another message to the same people, on a later day.</Text>
      {add.isError && <Notice kind="bad" isAlert>{inWords(add.error)}</Notice>}
    </div>
  );
}
