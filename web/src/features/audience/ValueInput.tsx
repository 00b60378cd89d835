/** The input that fits the operator and how the values of the field are read. */
import { Group, NumberInput, Select, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import { namedBy, readingOf } from "@/lib/filter/words";
import type { AudienceField, Operator } from "@/api/types";
import { NamedMany } from "./NamedMany";
import { SuggestedMany, SuggestedOne } from "./SuggestedValues";
import classes from "./Values.module.css";

const DateValue = lazy(() => import("./DateValue").then((module) => ({ default: module.DateValue })));

export interface ValueInputProps {
  field: AudienceField;
  operator: Operator;
  value: unknown;
  isReadOnly: boolean;
  hasFault: boolean;
  /** `isTyped`: one key of many, which are undone together. */
  onChange: (value: unknown, isTyped?: boolean) => void;
}

interface SingleProps extends ValueInputProps {
  label: string;
}

export function ValueInput(props: ValueInputProps) {
  const { field, operator, value, onChange } = props;
  const kind = namedBy(field.id, operator.id);
  if (kind !== undefined) return <NamedMany {...props} kind={kind} />;
  if (operator.value === "days") return <DaysInput {...props} />;
  if (operator.value === "many") return <SuggestedMany {...props} />;
  if (operator.value === "one") return <SingleInput {...props} label="Value" />;
  const [from, to] = Array.isArray(value) ? (value as unknown[]) : [];
  return (
    <Group gap={8} wrap="nowrap" align="center" className={classes["range"]}>
      <SingleInput {...props} label="From" value={from} onChange={(next, isTyped) => onChange([next ?? null, to ?? null], isTyped)} />
      <Text c="dimmed">and</Text>
      <SingleInput {...props} label="To" value={to} onChange={(next, isTyped) => onChange([from ?? null, next ?? null], isTyped)} />
    </Group>
  );
}

function SingleInput(props: SingleProps) {
  switch (readingOf(props.field, props.operator)) {
    case "number":
      return <NumberValue {...props} />;
    case "boolean":
      return <BooleanValue {...props} />;
    case "date":
      return (
        <Suspense fallback={<div style={{ height: 36, flex: 1 }} />}>
          <DateValue {...props} />
        </Suspense>
      );
    default:
      return <SuggestedOne {...props} />;
  }
}

function NumberValue({ label, value, isReadOnly, hasFault, onChange }: SingleProps) {
  return (
    <NumberInput
      className={classes["number"]}
      aria-label={label}
      placeholder="Number"
      hideControls
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined, true)}
    />
  );
}

function BooleanValue({ label, value, isReadOnly, hasFault, onChange }: SingleProps) {
  return (
    <Select
      flex={1}
      aria-label={label}
      placeholder="Yes or no"
      data={[
        { value: "true", label: "Yes" },
        { value: "false", label: "No" },
      ]}
      allowDeselect={false}
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "boolean" ? String(value) : null}
      onChange={(next) => onChange(next === null ? undefined : next === "true")}
    />
  );
}

function DaysInput({ value, isReadOnly, hasFault, onChange }: ValueInputProps) {
  return (
    <NumberInput
      className={classes["days"]}
      aria-label="Days"
      placeholder="30"
      min={0}
      max={36_500}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined, true)}
    />
  );
}
