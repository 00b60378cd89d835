/** Wall clocks and moments: what "9:00 in Chicago" means in UTC, and back. */

const DAY_MS = 86_400_000;

const fields = ["year", "month", "day", "hour", "minute", "second"] as const;

/** "2026-11-24T09:00:00" as it stands on the wall of the zone at that moment */
export function wallTime(moment: Date, zone: string): string {
  const parts = new Intl.DateTimeFormat("en-GB", {
    timeZone: zone,
    year: "numeric",
    month: "2-digit",
    day: "2-digit",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    hourCycle: "h23",
  }).formatToParts(moment);
  const [year, month, day, hour, minute, second] = fields.map(
    (field) => parts.find((part) => part.type === field)?.value ?? "00",
  );
  return `${year}-${month}-${day}T${hour}:${minute}:${second}`;
}

/** Null when it is no time at all. A wall time that the clocks skip moves forward with them. */
export function momentOf(wall: string, zone: string): Date | null {
  const asUtc = Date.parse(`${wall.slice(0, 19)}Z`);
  if (Number.isNaN(asUtc)) return null;
  const offsetAt = (moment: number) => Date.parse(`${wallTime(new Date(moment), zone)}Z`) - moment;
  const [before, after] = [-DAY_MS, DAY_MS].map((away) => new Date(asUtc - offsetAt(asUtc + away)));
  if (before === undefined || after === undefined) return null;
  const isAfter = wallTime(before, zone) !== wall.slice(0, 19) && wallTime(after, zone) === wall.slice(0, 19);
  return isAfter ? after : before;
}

export const ownZone = (): string => Intl.DateTimeFormat().resolvedOptions().timeZone;

/** Every zone that the browser knows, with the ones in use even where it calls them otherwise. */
export function allZones(...always: string[]): string[] {
  return [...new Set([...always, ...Intl.supportedValuesOf("timeZone"), "UTC"])].sort();
}

/** "GMT-6" at that moment */
export function offsetWord(zone: string, moment: Date): string {
  const parts = new Intl.DateTimeFormat("en-US", { timeZone: zone, timeZoneName: "shortOffset" }).formatToParts(moment);
  return parts.find((part) => part.type === "timeZoneName")?.value ?? "";
}

export const zoneWord = (zone: string): string => zone.replaceAll("_", " ");
