/** One condition: field, operator, value. */
import { ActionIcon, Select, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { carriedOver, isFinished, type ConditionNode } from "@/lib/filter/tree";
import { fieldChoices, fieldOf, operatorOf, useEditing } from "./catalogue";
import { ValueInput } from "./ValueInput";
import classes from "./Audience.module.css";

export function ConditionRow({ condition }: { condition: ConditionNode }) {
  const { words, isReadOnly, act, remove, faultOf, newest } = useEditing();
  const row = useRef<HTMLDivElement>(null);
  const isNewest = newest === condition.id;
  useEffect(() => {
    if (isNewest) row.current?.querySelector<HTMLElement>("[data-value] input")?.focus();
  }, [isNewest]);

  const field = fieldOf(words, condition.field);
  const operator = operatorOf(words, condition.operator);
  const label = field?.label ?? condition.field;
  const isUnfinished = operator === undefined || !isFinished(condition.value, operator.value);
  const fault = faultOf(condition.id);

  const change = (to: Partial<Pick<ConditionNode, "field" | "operator" | "value">>) =>
    act({ do: "change", condition: condition.id, to });
  const changeField = (id: string | null) => {
    const [first] = (id === null ? undefined : fieldOf(words, id)?.operators) ?? [];
    if (id !== null && id !== condition.field && first !== undefined) change({ field: id, operator: first, value: undefined });
  };
  const changeOperator = (id: string | null) => {
    const next = id === null ? undefined : operatorOf(words, id);
    if (next !== undefined) change({ operator: next.id, value: carriedOver(condition.value, operator?.value, next.value) });
  };

  return (
    <div ref={row} role="group" aria-label={`Condition: ${label}`} className={classes["condition"]}>
      <Select
        className={classes["field"]}
        aria-label="Field"
        data={fieldChoices(words)}
        value={condition.field}
        onChange={changeField}
        searchable
        allowDeselect={false}
        readOnly={isReadOnly}
        nothingFoundMessage="No such field"
      />
      <Select
        className={classes["operator"]}
        aria-label="Operator"
        data={(field?.operators ?? [condition.operator]).map((id) => ({ value: id, label: operatorOf(words, id)?.label ?? id }))}
        value={condition.operator}
        onChange={changeOperator}
        allowDeselect={false}
        readOnly={isReadOnly}
      />
      <div className={classes["value"]} data-value>
        {operator !== undefined && field !== undefined && operator.value !== "none" && (
          <ValueInput
            key={`${condition.field} ${operator.value}`}
            field={field}
            kind={operator.value}
            value={condition.value}
            isReadOnly={isReadOnly}
            hasFault={fault !== undefined}
            onChange={(value) => change({ value })}
          />
        )}
        {field === undefined && <Text c="var(--app-bad)">This field is gone from the contacts.</Text>}
        {fault !== undefined ? (
          <Text size="xs" c="var(--app-bad)" role="alert">
            {fault}
          </Text>
        ) : (
          isUnfinished && (
            <Text size="xs" c="dimmed">
              Unfinished: not part of the count yet
            </Text>
          )
        )}
      </div>
      {!isReadOnly && (
        <ActionIcon className={classes["remove"]} variant="subtle" color="gray" size="lg" aria-label={`Remove condition ${label}`} onClick={() => remove(condition.id, `Condition ${label}`)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}
