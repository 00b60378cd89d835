/** Statuses: always a word and an icon, the colour only repeats them. */
import {
  IconAlertTriangle, IconBan, IconCalendarClock, IconCheck, IconCircleCheck, IconClock, IconHelpCircle,
  IconPencil, IconPlayerPause, IconSend, IconUserOff, IconX, type Icon,
} from "@tabler/icons-react";
import type { BroadcastStatus, MessageStatus } from "@/api/types";
import classes from "./Status.module.css";

type Tone = "good" | "bad" | "care" | "wait";

interface Look {
  word: string;
  icon: Icon;
  tone: Tone;
}

const broadcastLooks: Record<BroadcastStatus, Look> = {
  draft: { word: "Draft", icon: IconPencil, tone: "wait" },
  scheduled: { word: "Scheduled", icon: IconCalendarClock, tone: "wait" },
  sending: { word: "Sending", icon: IconSend, tone: "care" },
  paused: { word: "Paused", icon: IconPlayerPause, tone: "care" },
  completed: { word: "Completed", icon: IconCircleCheck, tone: "good" },
  cancelled: { word: "Cancelled", icon: IconBan, tone: "wait" },
  failed: { word: "Failed", icon: IconAlertTriangle, tone: "bad" },
};

const messageLooks: Record<MessageStatus, Look> = {
  pending: { word: "Pending", icon: IconClock, tone: "wait" },
  sending: { word: "Sending", icon: IconSend, tone: "care" },
  sent: { word: "On the way", icon: IconSend, tone: "care" },
  delivered: { word: "Delivered", icon: IconCheck, tone: "good" },
  failed: { word: "Failed", icon: IconX, tone: "bad" },
  skipped: { word: "Skipped", icon: IconUserOff, tone: "wait" },
  uncertain: { word: "Uncertain", icon: IconHelpCircle, tone: "care" },
  cancelled: { word: "Cancelled", icon: IconBan, tone: "wait" },
  no_receipt: { word: "Sent, no receipt", icon: IconSend, tone: "wait" },
  unknown: { word: "Unknown", icon: IconHelpCircle, tone: "care" },
};

function Chip({ word, icon: Mark, tone }: Look) {
  return (
    <span className={classes["chip"]} data-tone={tone}>
      <Mark size={14} aria-hidden />
      {word}
    </span>
  );
}

export const BroadcastStatusChip = ({ status }: { status: BroadcastStatus }) => <Chip {...broadcastLooks[status]} />;
export const MessageStatusChip = ({ status }: { status: MessageStatus }) => <Chip {...messageLooks[status]} />;
export const broadcastStatusWord = (status: BroadcastStatus) => broadcastLooks[status].word;
export const broadcastStatuses = Object.keys(broadcastLooks) as BroadcastStatus[];
