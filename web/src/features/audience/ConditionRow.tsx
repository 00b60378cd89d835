/** One condition, readable as words: field, operator, value. */
import { ActionIcon, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { use } from "react";
import { carriedOver, isFinished, readAs } from "@/lib/filter/document";
import type { ConditionChange, ConditionNode } from "@/lib/filter/tree";
import { aroundValue, fieldWord, operatorWord, readingOf } from "@/lib/filter/words";
import { DraggingContext, fieldChoices, fieldOf, operatorOf, useEditing } from "./catalogue";
import { PartHandle } from "./PartHandle";
import { ValueInput } from "./ValueInput";
import { WordPicker } from "./WordPicker";
import classes from "./Builder.module.css";

export function ConditionRow({ condition, joint }: { condition: ConditionNode; joint: string }) {
  const { words, isReadOnly, act, remove, said, faultOf } = useEditing();
  const dragging = use(DraggingContext);
  const field = fieldOf(words, condition.field);
  const operator = operatorOf(words, condition.operator);
  const label = said(condition);
  const [before, behind] = aroundValue(operatorWord(field, operator, condition.operator));

  const change = (to: ConditionChange, isTyped = false) => act({ do: "change", condition: condition.id, to, isTyped });
  const changeField = (id: string) => {
    const [first] = fieldOf(words, id)?.operators ?? [];
    if (first !== undefined) act({ do: "change", condition: condition.id, to: { field: id, operator: first, value: undefined } }, { part: condition.id, at: "value" });
  };
  const changeOperator = (id: string) => {
    const next = operatorOf(words, id);
    if (next === undefined || field === undefined) return;
    const kept = readAs(carriedOver(condition.value, operator?.value, next.value), readingOf(field, next));
    change({ operator: id, value: kept });
  };

  return (
    <div
      role="group"
      aria-label={`Condition: ${label}`}
      className={classes["condition"]}
      data-part={condition.id}
      data-condition
      data-dragged={dragging.part === condition.id || undefined}
      data-partner={dragging.partner === condition.id || undefined}
    >
      {!isReadOnly && <PartHandle node={condition} />}
      <div className={classes["words"]}>
        <span className={classes["joint"]}>{joint}</span>
        <WordPicker
          label="Field"
          word={field === undefined ? condition.field : fieldWord(field)}
          value={condition.field}
          choices={fieldChoices(words)}
          isStrong
          isReadOnly={isReadOnly}
          nothingFound="No such field"
          onChoose={changeField}
        />
        <WordPicker
          label="Operator"
          word={before}
          value={condition.operator}
          choices={[{ items: (field?.operators ?? [condition.operator]).map((id) => ({ value: id, label: operatorWord(field, operatorOf(words, id), id) })) }]}
          isReadOnly={isReadOnly}
          nothingFound="No such operator"
          onChoose={changeOperator}
        />
        {operator !== undefined && field !== undefined && operator.value !== "none" && (
          <div className={classes["value"]} data-value={condition.id} data-kind={operator.value}>
            <ValueInput
              key={`${condition.field} ${operator.value} ${readingOf(field, operator)}`}
              field={field}
              operator={operator}
              value={condition.value}
              isReadOnly={isReadOnly}
              hasFault={faultOf(condition.id) !== undefined}
              onChange={(value, isTyped) => change({ value }, isTyped)}
            />
          </div>
        )}
        {behind !== "" && <span>{behind}</span>}
        <Below condition={condition} />
      </div>
      {!isReadOnly && (
        <ActionIcon className={classes["remove"]} variant="subtle" color="gray" size="lg" aria-label={`Remove condition: ${label}`} onClick={() => remove(condition)}>
          <IconX size={16} aria-hidden />
        </ActionIcon>
      )}
    </div>
  );
}

/** What is wrong, unfinished or worth knowing, under the words. */
function Below({ condition }: { condition: ConditionNode }) {
  const { words, faultOf } = useEditing();
  const field = fieldOf(words, condition.field);
  const operator = operatorOf(words, condition.operator);
  const fault = field === undefined ? "This field is gone from the contacts. Choose another one, or remove the condition." : faultOf(condition.id);
  const note = field?.note ?? null;
  const isUnfinished = operator === undefined || !isFinished(condition.value, operator.value);
  return (
    <>
      {fault !== undefined && (
        <Text size="xs" c="var(--app-bad)" role="alert" className={classes["below"]}>
          {fault}
        </Text>
      )}
      {fault === undefined && isUnfinished && (
        <Text size="xs" c="dimmed" className={classes["below"]}>
          Unfinished: not part of the count yet
        </Text>
      )}
      {note !== null && (
        <Text size="xs" c="dimmed" className={classes["below"]}>
          {note}
        </Text>
      )}
    </>
  );
}
