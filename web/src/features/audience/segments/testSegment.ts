/** A segment, for tests. */
import type { Segment } from "@/api/segments";
import type { Group } from "@/api/types";

export const texas: Group = { match: "all", conditions: [{ field: "metadata.state", operator: "is", value: "TX" }] };

export const segment = (over: Partial<Segment> = {}): Segment => ({
  id: "s1", name: "Texas", kind: "dynamic", filter: texas, version: 1, contacts: 3_074, measured_at: "2026-11-20T09:00:00Z", frozen_at: null,
  freezing: "none", problem: null, created_by: "Admin", created_at: "2026-11-01T09:00:00Z", updated_at: "2026-11-20T08:00:00Z", uses: 0, ...over,
});
