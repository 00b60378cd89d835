/** When a broadcast would be done, in words. */
import type { Outlook, Tracking } from "@/api/types";
import { until } from "./format";

type Done = Pick<Outlook, "done_at" | "problems">;

/** No time is given when it takes longer than a year, or when there is nothing to send with, which is a problem of its own. */
export const noEndWord = ({ problems }: Pick<Outlook, "problems">): string =>
  problems.length > 0 ? "end not known yet" : "takes more than a year";

export const doneWord = (outlook: Done): string => (outlook.done_at === null ? noEndWord(outlook) : `done by ${until(outlook.done_at)}`);

type Left = Pick<Tracking, "status" | "pending" | "retrying">;

/** How many of the pending wait for another try. Both are counted on their own; a part is never more than the whole. */
export const triedAgain = ({ pending, retrying }: Left): number => Math.min(pending, retrying);

/** Nothing else is left, so neither a pace nor an end can be told. */
export const isOnlyTriedAgain = (left: Left): boolean =>
  left.status === "sending" && left.pending > 0 && triedAgain(left) === left.pending;
