/** A day, picked or typed. */
import { DayInput } from "@/ui/DayInput";

interface DateValueProps {
  label: string;
  value: unknown;
  isReadOnly: boolean;
  hasFault: boolean;
  onChange: (value: unknown) => void;
}

export function DateValue({ label, value, isReadOnly, hasFault, onChange }: DateValueProps) {
  return (
    <DayInput
      flex={1}
      aria-label={label}
      error={hasFault}
      readOnly={isReadOnly}
      value={typeof value === "string" ? value.slice(0, 10) : null}
      onChange={(next) => onChange(next ?? undefined)}
    />
  );
}
