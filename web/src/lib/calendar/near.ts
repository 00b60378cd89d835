/** How near to one another two broadcasts on one channel are in conflict. */
import { countOf } from "../format";

const nearHours = [2, 24, 72];

export const isNear = (value: unknown): value is number => typeof value === "number" && nearHours.includes(value);

export const nearChoices = [
  { value: "day", label: "Conflict: same day" },
  ...nearHours.map((hours) => ({ value: String(hours), label: `Conflict: within ${hours > 24 ? countOf(hours / 24, "day") : countOf(hours, "hour")}` })),
];
