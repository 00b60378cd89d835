/** The input that fits the operator and the type of the field. */
import { Group, NumberInput, Select, Text } from "@mantine/core";
import { lazy, Suspense } from "react";
import type { AudienceField, Operator } from "@/api/types";
import { SuggestedMany, SuggestedOne } from "./SuggestedValues";

const DateValue = lazy(() => import("./DateValue").then((module) => ({ default: module.DateValue })));

export interface ValueInputProps {
  field: AudienceField;
  kind: Exclude<Operator["value"], "none">;
  value: unknown;
  isReadOnly: boolean;
  hasFault: boolean;
  onChange: (value: unknown) => void;
}

interface SingleProps extends Pick<ValueInputProps, "field" | "value" | "isReadOnly" | "hasFault" | "onChange"> {
  label: string;
}

export function ValueInput(props: ValueInputProps) {
  const { kind, value, onChange } = props;
  if (kind === "days") return <DaysInput {...props} />;
  if (kind === "many") return <SuggestedMany {...props} />;
  if (kind === "one") return <SingleInput {...props} label="Value" />;
  const [from, to] = Array.isArray(value) ? (value as unknown[]) : [];
  return (
    <Group gap={8} wrap="nowrap" align="center">
      <SingleInput {...props} label="From" value={from} onChange={(next) => onChange([next ?? null, to ?? null])} />
      <Text c="dimmed">and</Text>
      <SingleInput {...props} label="To" value={to} onChange={(next) => onChange([from ?? null, next ?? null])} />
    </Group>
  );
}

function SingleInput(props: SingleProps) {
  switch (props.field.type) {
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
      flex={1}
      aria-label={label}
      placeholder="Number"
      hideControls
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
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
      aria-label="Days"
      placeholder="30"
      suffix=" days"
      min={0}
      max={36_500}
      allowDecimal={false}
      allowNegative={false}
      hideControls
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "number" ? value : ""}
      onChange={(next) => onChange(typeof next === "number" ? next : undefined)}
    />
  );
}
