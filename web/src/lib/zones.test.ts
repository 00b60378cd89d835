import { expect, test } from "vitest";
import { allZones, momentOf, offsetWord, wallTime } from "./zones";

test("a wall time is the moment at which that clock shows it", () => {
  expect(momentOf("2026-11-24T09:00:00", "America/Chicago")?.toISOString()).toBe("2026-11-24T15:00:00.000Z");
  expect(momentOf("2026-07-24T09:00:00", "America/Chicago")?.toISOString()).toBe("2026-07-24T14:00:00.000Z");
  expect(momentOf("2026-11-24T09:00:00", "Asia/Kolkata")?.toISOString()).toBe("2026-11-24T03:30:00.000Z");
});

test("a time that the clocks skip moves forward with them", () => {
  const moment = momentOf("2027-03-14T02:30:00", "America/Chicago");
  expect(moment && wallTime(moment, "America/Chicago")).toBe("2027-03-14T03:30:00");
});

test("no time at all is no moment", () => {
  expect(momentOf("soon", "UTC")).toBeNull();
});

test("the chosen zone is offered even where the browser does not list it", () => {
  expect(allZones("US/Central")).toContain("US/Central");
  expect(new Set(allZones("UTC")).size).toBe(allZones("UTC").length);
});

test("the offset of a zone is the one of that day", () => {
  expect(offsetWord("America/Chicago", new Date("2026-11-24T15:00:00Z"))).toBe("GMT-6");
});
