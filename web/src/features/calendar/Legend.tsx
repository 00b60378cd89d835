/** What the colours mean; each stands beside its sign and its word. */
import { Text } from "@mantine/core";
import { broadcastTypeWord } from "@/lib/format";
import { ChannelIcon } from "@/ui/ChannelIcon";
import classes from "./Calendar.module.css";

export function Legend({ hours }: { hours: string | null }) {
  return (
    <div className={classes["legend"]}>
      {(["sms", "email", "sms_email"] as const).map((channel) => (
        <span key={channel} className={classes["channel"]} data-channel={channel}>
          <ChannelIcon channel={channel} size={14} />
          {broadcastTypeWord(channel)}
        </span>
      ))}
      {hours !== null && (
        <Text span size="xs" c="dimmed">
          Grey hours are outside the sending hours, {hours}.
        </Text>
      )}
    </div>
  );
}
