/** SMS, email or both, as a sign beside its word. */
import { IconMail, IconMessage, IconMessages } from "@tabler/icons-react";
import type { Step } from "@/api/types";

const icons = { sms: IconMessage, email: IconMail, sms_email: IconMessages };

export function ChannelIcon({ channel, size = 18 }: { channel: Step["channel"]; size?: number }) {
  const Mark = icons[channel];
  return <Mark size={size} stroke={1.6} aria-hidden />;
}
