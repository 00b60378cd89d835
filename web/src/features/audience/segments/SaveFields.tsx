/** What a segment is asked for: its name, and whether it moves with the contacts. */
import { Radio, Stack, TextInput } from "@mantine/core";
import classes from "./Segments.module.css";

export interface SaveChoice {
  name: string;
  frozen: boolean;
}

interface SaveFieldsProps {
  value: SaveChoice;
  onChange: (value: SaveChoice) => void;
  fault: string | null;
}

export function SaveFields({ value, onChange, fault }: SaveFieldsProps) {
  return (
    <Stack gap="md">
      <TextInput
        label="Name"
        placeholder="Texas leads of this month"
        autoComplete="off"
        maxLength={200}
        data-autofocus
        value={value.name}
        error={fault}
        onChange={(event) => onChange({ ...value, name: event.currentTarget.value })}
      />
      <Radio.Group label="Who is in it" value={value.frozen ? "frozen" : "dynamic"} onChange={(kind) => onChange({ ...value, frozen: kind === "frozen" })}>
        <Stack gap={0} mt={4}>
          <Radio className={classes["choice"]} value="dynamic" label="Dynamic" description="Always who matches at that moment" />
          <Radio className={classes["choice"]} value="frozen" label="Frozen" description="The people who match now, for good; its filter cannot be changed later" />
        </Stack>
      </Radio.Group>
    </Stack>
  );
}

/** Said at the name where it is about the name. */
export const isAboutName = (faults: { pointer: string }[]) => faults.some(({ pointer }) => pointer === "/name");
