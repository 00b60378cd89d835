/** When a broadcast would be done, in words. */
import type { Outlook } from "@/api/types";
import { until } from "./format";

type Done = Pick<Outlook, "done_at" | "problems">;

/** No time is given when it takes longer than a year, or when there is nothing to send with, which is a problem of its own. */
export const noEndWord = ({ problems }: Pick<Outlook, "problems">): string =>
  problems.length > 0 ? "end not known yet" : "takes more than a year";

export const doneWord = (outlook: Done): string => (outlook.done_at === null ? noEndWord(outlook) : `done by ${until(outlook.done_at)}`);
