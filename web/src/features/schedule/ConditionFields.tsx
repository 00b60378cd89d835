/** Who gets a step: everybody who is still in the sequence, or only who did something before. */
import { ActionIcon, Button, Checkbox, Select, Stack, Text } from "@mantine/core";
import { IconPlus, IconX } from "@tabler/icons-react";
import { useDraft } from "@/api/useDraft";
import { conditionSaid, deeds } from "@/lib/sequence/words";
import type { Deed, StepCondition } from "@/api/types";
import classes from "./StepDrawer.module.css";

const MOST_DEEDS = 10;

const didWords: Record<Deed["did"], string> = { replied: "replied to", clicked: "clicked in", opened: "opened", delivered: "got" };
const did = deeds.map((value) => ({ value, label: didWords[value] }));
const whether = [
  { value: "has", label: "has" },
  { value: "not", label: "has not" },
];
const which = [
  { value: "previous", label: "the step before" },
  { value: "any", label: "any step before" },
];

const everybody: StepCondition = { only_if: [], still_matches: false };

export function ConditionFields() {
  const { step, change, isReadOnly, faults } = useDraft();
  const condition = step.condition ?? everybody;
  const fault = faults.find(({ pointer }) => pointer.startsWith("/condition"))?.detail;
  const put = (next: Partial<StepCondition>) => {
    const whole = { ...condition, ...next };
    change({ step: { condition: whole.only_if.length === 0 && !whole.still_matches ? null : whole } });
  };
  const putDeed = (index: number, deed: Partial<Deed>) => put({ only_if: condition.only_if.map((each, at) => (at === index ? { ...each, ...deed } : each)) });
  const isFirst = step.position === 1;
  return (
    <section aria-label="Who gets it">
      <Stack gap={12}>
        <div>
          <Text fw={600}>Who gets it?</Text>
          <Text c="dimmed">{conditionSaid(step.condition) ?? (isFirst ? "Everybody in the audience" : "Everybody who is still in the sequence")}.</Text>
        </div>
        {condition.only_if.map((deed, index) => (
          <div key={index} role="group" aria-label={`Condition ${index + 1}`} className={classes["deed"]}>
            <span>{index === 0 ? "Only who" : "and"}</span>
            <Select
              aria-label="Has or has not"
              className={classes["whether"]}
              data={whether}
              allowDeselect={false}
              readOnly={isReadOnly}
              value={deed.negated ? "not" : "has"}
              onChange={(value) => putDeed(index, { negated: value === "not" })}
            />
            <Select aria-label="Did what" className={classes["did"]} data={did} allowDeselect={false} readOnly={isReadOnly} value={deed.did} onChange={(value) => putDeed(index, { did: value ?? deed.did })} />
            <Select
              aria-label="Which step"
              className={classes["which"]}
              data={which}
              allowDeselect={false}
              readOnly={isReadOnly}
              value={deed.of}
              onChange={(value) => putDeed(index, { of: value === "any" ? "any" : "previous" })}
            />
            {!isReadOnly && (
              <ActionIcon variant="subtle" color="gray" aria-label={`Remove condition ${index + 1}`} onClick={() => put({ only_if: condition.only_if.filter((_, at) => at !== index) })}>
                <IconX size={16} aria-hidden />
              </ActionIcon>
            )}
          </div>
        ))}
        {fault !== undefined && (
          <Text c="var(--app-bad)" role="alert">
            {fault}
          </Text>
        )}
        {!isReadOnly && !isFirst && condition.only_if.length < MOST_DEEDS && (
          <div>
            <Button
              variant="default"
              size="xs"
              leftSection={<IconPlus size={16} aria-hidden />}
              onClick={() => put({ only_if: [...condition.only_if, { did: "replied", negated: true, of: "previous" }] })}
            >
              Add a condition
            </Button>
          </div>
        )}
        <Checkbox
          label="Only who still matches the audience when it is sent"
          checked={condition.still_matches}
          disabled={isReadOnly}
          onChange={(event) => put({ still_matches: event.currentTarget.checked })}
        />
      </Stack>
    </section>
  );
}
