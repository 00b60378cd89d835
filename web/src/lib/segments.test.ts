import { describe, expect, test } from "vitest";
import type { Group } from "@/api/types";
import { field, words } from "./filter/testWords";
import { combined, combinedWords, sampleFrom, standing, type Base } from "./segments";

const named = (operator: string, ...value: string[]) => ({ field: "@segment", operator, value });

describe("combined", () => {
  test("in any, in all, in the first and no other", () => {
    expect(combined("union", ["a", "b", "c"]).conditions).toEqual([named("is_in", "a", "b", "c")]);
    expect(combined("intersection", ["a", "b"]).conditions).toEqual([named("is_in", "a"), named("is_in", "b")]);
    expect(combined("difference", ["a", "b", "c"]).conditions).toEqual([named("is_in", "a"), named("is_not_in", "b", "c")]);
  });

  test("in words", () => {
    expect(combinedWords("union", ["A", "B", "C"])).toBe("In “A”, “B” or “C”");
    expect(combinedWords("intersection", ["A", "B"])).toBe("In both “A” and “B”");
    expect(combinedWords("difference", ["A", "B", "C"])).toBe("In “A”, but not in “B” or “C”");
  });
});

describe("two people edit at once", () => {
  const filter = (value: string): Group => ({ match: "all", conditions: [{ field: "metadata.state", operator: "is", value }] });
  const saved = (version: number, value: string, kind: Base["kind"] = "dynamic"): Base => ({ version, filter: filter(value), kind });
  const base = saved(1, "TX");

  test("nothing newer", () => expect(standing(base, saved(1, "TX"), filter("FL"))).toBe("same"));
  test("only the name is newer: the edits go on", () => expect(standing(base, saved(2, "TX"), filter("FL"))).toBe("follow"));
  test("nothing edited here: the newer filter is shown", () => expect(standing(base, saved(2, "CA"), filter("TX"))).toBe("adopt"));
  test("both changed it", () => expect(standing(base, saved(2, "CA"), filter("FL"))).toBe("conflict"));
  test("both made the same change: there is nothing to choose", () => expect(standing(base, saved(2, "FL"), filter("FL"))).not.toBe("conflict"));
  test("frozen meanwhile: shown as it is, unless something is edited", () => {
    expect(standing(base, saved(2, "TX", "frozen"), filter("TX"))).toBe("adopt");
    expect(standing(base, saved(2, "TX", "frozen"), filter("FL"))).toBe("conflict");
  });
});

test("the sample is of a date that the contacts have; without one there is none", () => {
  expect(sampleFrom(words.fields)?.conditions).toEqual([{ field: "created_at", operator: "in_last_days", value: 30 }]);
  const dates = [field("metadata.old", "Old", "date", { contacts: 1 }), field("metadata.visit", "Visit", "date", { contacts: 9 })];
  expect(sampleFrom(dates)?.conditions).toMatchObject([{ field: "metadata.visit" }]);
  expect(sampleFrom([field("email", "Email", "text")])).toBeNull();
});
