/** The numbers of a launched broadcast: their words, and which messages each one means. */
import type { MessageStatus, Tracking } from "@/api/types";
import type { BarPart } from "@/ui/Bar";

export interface Show {
  id: string;
  word: string;
  status: MessageStatus[];
  tone: BarPart["tone"] | null;
  valueOf: (tracking: Tracking) => number;
}

export const mainShows: Show[] = [
  { id: "recipients", word: "Recipients", status: [], tone: null, valueOf: ({ recipients }) => recipients },
  { id: "delivered", word: "Delivered", status: ["delivered"], tone: "good", valueOf: ({ delivered }) => delivered },
  { id: "failed", word: "Failed", status: ["failed"], tone: "bad", valueOf: ({ failed }) => failed },
  { id: "pending", word: "Pending", status: ["pending", "sending"], tone: "wait", valueOf: ({ pending }) => pending },
];

export const moreShows: Show[] = [
  { id: "on_the_way", word: "On the way", status: ["sent"], tone: "care", valueOf: (tracking) => tracking.on_the_way },
  { id: "uncertain", word: "Uncertain", status: ["uncertain"], tone: "care", valueOf: ({ uncertain }) => uncertain },
  { id: "skipped", word: "Skipped", status: ["skipped"], tone: "skip", valueOf: ({ skipped }) => skipped },
  { id: "cancelled", word: "Cancelled", status: ["cancelled"], tone: "skip", valueOf: ({ cancelled }) => cancelled },
];

const [everything] = mainShows;

export const showOf = (id: string | undefined): Show | undefined =>
  [...mainShows, ...moreShows].find((show) => show.id === id) ?? everything;

export const isSending = ({ status }: Pick<Tracking, "status">) => status === "sending" || status === "paused";
