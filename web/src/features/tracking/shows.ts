/** The numbers of a launched broadcast: their words, and which messages each one means. */
import type { ChannelNumbers, MessageStatus, Tracking } from "@/api/types";
import type { BarPart } from "@/ui/Bar";

export interface Show {
  id: string;
  word: string;
  status: MessageStatus[];
  tone: BarPart["tone"] | null;
  valueOf: (tracking: Tracking) => number;
  /** Where it is told of each channel, too. */
  ofChannel?: (numbers: ChannelNumbers) => number;
  /** Where the word alone does not say it. */
  explanation?: string;
}

export const mainShows: Show[] = [
  { id: "recipients", word: "Recipients", status: [], tone: null, valueOf: ({ recipients }) => recipients, ofChannel: ({ recipients }) => recipients },
  { id: "delivered", word: "Delivered", status: ["delivered"], tone: "good", valueOf: ({ delivered }) => delivered, ofChannel: ({ delivered }) => delivered },
  { id: "failed", word: "Failed", status: ["failed"], tone: "bad", valueOf: ({ failed }) => failed, ofChannel: ({ failed }) => failed },
  { id: "pending", word: "Pending", status: ["pending", "sending"], tone: "wait", valueOf: ({ pending }) => pending, ofChannel: ({ pending }) => pending },
];

/** Only those that there are. */
export const moreShows: Show[] = [
  { id: "on_the_way", word: "On the way", status: ["sent"], tone: "care", valueOf: (tracking) => tracking.on_the_way },
  {
    id: "uncertain", word: "Uncertain", status: ["uncertain"], tone: "care", valueOf: ({ uncertain }) => uncertain,
    explanation: "The answer was lost. Clarion asks the provider before anything else.",
  },
  {
    id: "unknown", word: "Unknown", status: ["unknown"], tone: "care", valueOf: ({ unknown }) => unknown,
    explanation: "The answer was lost for good. The message may have arrived; it is not sent again.",
  },
  {
    id: "no_receipt", word: "Sent, no receipt", status: ["no_receipt"], tone: "skip", valueOf: (tracking) => tracking.no_receipt,
    explanation: "The provider has sent it; the carrier never confirmed that it arrived.",
  },
  { id: "skipped", word: "Skipped", status: ["skipped"], tone: "skip", valueOf: ({ skipped }) => skipped },
  { id: "cancelled", word: "Cancelled", status: ["cancelled"], tone: "skip", valueOf: ({ cancelled }) => cancelled },
];

const [everything] = mainShows;

export const showOf = (id: string | undefined): Show | undefined =>
  [...mainShows, ...moreShows].find((show) => show.id === id) ?? everything;

/** While people are still being saved: about how many messages are to be written yet, one for each who is not saved. */
export const unwritten = ({ saving }: Tracking): number =>
  saving.state === "saving" ? Math.max(0, (saving.expected ?? saving.saved) - saving.saved) : 0;
