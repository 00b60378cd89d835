/** The orders of the list of broadcasts, in words. */
import type { BroadcastSearch } from "@/api/types";

const words = {
  "updated desc": "Last edited first",
  "updated asc": "Longest untouched first",
  "scheduled asc": "Earliest time first",
  "scheduled desc": "Latest time first",
  "name asc": "Name, A to Z",
  "name desc": "Name, Z to A",
  "created desc": "Newest first",
  "created asc": "Oldest first",
} as const;

export type BroadcastOrder = keyof typeof words;

const first: BroadcastOrder = "updated desc";

export const isOrder = (value: unknown): value is BroadcastOrder => typeof value === "string" && Object.hasOwn(words, value);

export const orderOf = (order: BroadcastOrder | undefined): BroadcastOrder => order ?? first;

/** The first one needs no word in the address. */
export const orderInAddress = (order: unknown): BroadcastOrder | undefined => (isOrder(order) && order !== first ? order : undefined);

export const orderChoices = Object.entries(words).map(([value, label]) => ({ value, label }));

export function soughtBy(order: BroadcastOrder): Required<Pick<BroadcastSearch, "sort" | "direction">> {
  const [sort, direction] = order.split(" ") as [NonNullable<BroadcastSearch["sort"]>, "asc" | "desc"];
  return { sort, direction };
}
