/** Where a part that is dragged would go, from where things stand on the screen. */
import type { Place } from "./tree";

interface Box {
  left: number;
  right: number;
  top: number;
  bottom: number;
}

/** A line between the parts of a group. */
export interface Gap extends Place {
  left: number;
  right: number;
  y: number;
}

/** A condition, to be grouped with the dragged part. */
export interface Partner extends Box {
  id: string;
}

export type Drop = { kind: "place"; gap: Gap } | { kind: "with"; partner: Partner };

/** The middle of a condition means it, its edges the lines above and below. */
const EDGE = 0.28;
/** Being left of a group inside counts more than being a little nearer to its lines. */
const OUTSIDE = 2;

export function dropAt(point: { x: number; y: number }, gaps: Gap[], partners: Partner[]): Drop | null {
  const partner = partners.find(({ left, right, top, bottom }) => {
    const edge = (bottom - top) * EDGE;
    return point.x >= left && point.x <= right && point.y > top + edge && point.y < bottom - edge;
  });
  if (partner !== undefined) return { kind: "with", partner };
  const farness = ({ left, right, y }: Gap) =>
    Math.abs(point.y - y) + OUTSIDE * Math.max(0, left - point.x, point.x - right);
  const gap = gaps.reduce<Gap | null>((best, each) => (best === null || farness(each) < farness(best) ? each : best), null);
  return gap === null ? null : { kind: "place", gap };
}
