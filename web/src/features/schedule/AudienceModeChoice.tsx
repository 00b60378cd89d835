/** Who gets a broadcast that waits: those who match now, or those who match then. */
import { Radio, Stack } from "@mantine/core";
import { useDraft } from "@/api/useDraft";
import { audienceModes, audienceModeWords } from "@/lib/audienceMode";
import classes from "./Schedule.module.css";

export function AudienceModeChoice() {
  const { broadcast, isReadOnly, change } = useDraft();
  const choose = (value: string) => {
    const mode = audienceModes.find((each) => each === value);
    if (mode !== undefined) change({ broadcast: { audience_mode: mode } });
  };
  return (
    <Radio.Group label="Who gets it?" value={broadcast.audience_mode} onChange={choose} className={classes["later"]}>
      <Stack gap={12} mt={8}>
        {audienceModes.map((mode) => {
          const { label, description } = audienceModeWords(mode);
          return <Radio key={mode} value={mode} label={label} description={description} disabled={isReadOnly} />;
        })}
      </Stack>
    </Radio.Group>
  );
}
