/** Whether the people of a broadcast are fixed when it is scheduled, or found when it leaves. */
import type { AudienceMode } from "@/api/types";

interface Words {
  label: string;
  description: string;
  /** In the review. */
  said: string;
}

const words: Record<AudienceMode, Words> = {
  saved_when_scheduled: {
    label: "Save the people now",
    description: "Who matches when you schedule gets it, even if the contacts change until then.",
    said: "The people are saved when you schedule it.",
  },
  resolved_at_send: {
    label: "Find the people when it is sent",
    description: "Who matches at that time gets it, so the number may differ from today’s.",
    said: "The people are found when it is sent; the number may differ from today’s.",
  },
};

export const audienceModes = Object.keys(words) as AudienceMode[];

export const audienceModeWords = (mode: AudienceMode): Words => words[mode];
