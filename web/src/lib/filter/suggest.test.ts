import { describe, expect, test } from "vitest";
import { lookups, suggest, type KnownValue } from "./suggest";
import { field, words } from "./testWords";

const values: Record<string, KnownValue[]> = {
  "metadata.state": [{ value: "CA", contacts: 50 }, { value: "TX", contacts: 40 }, { value: "TN", contacts: 5 }],
  "metadata.tags": [{ value: "vip", contacts: 12 }, { value: "newsletter", contacts: 30 }],
  "metadata.lead_source": [{ value: "Trade fair", contacts: 7 }],
  "@segment": [{ value: "s1", name: "VIP", contacts: 3 }],
  "@sent": [{ value: "b1", name: "Spring offer" }],
};
const offered = (typed: string, valuesOf = (id: string) => values[id] ?? []) => suggest(typed, words, valuesOf);
const labels = (typed: string) => offered(typed).map(({ label }) => label);
const first = (typed: string, valuesOf?: (id: string) => KnownValue[]) => {
  const [one] = offered(typed, valuesOf);
  return one === undefined ? undefined : [one.field.id, one.operator, one.value];
};
const nothingKnown = () => [];

test("nothing typed: every field, the contact's own before the others", () => {
  expect(labels("").slice(0, 3)).toEqual(["Email", "Created at", "Estate"]);
  expect(labels("").at(-1)).toBe("Already in a scheduled broadcast");
});

describe("a field", () => {
  test("that is called so comes before one that only has the letters", () => {
    expect(labels("state")).toEqual(["State", "Estate"]);
    expect(labels("source")).toEqual(["Lead source"]);
  });

  test("is found by the word of its row and by the word of the server", () => {
    expect(first("was sent")).toEqual(["@sent", "in_broadcast", undefined]);
    expect(first("message")).toEqual(["@sent", "in_broadcast", undefined]);
  });
});

describe("a field and a value", () => {
  test("is one condition", () => {
    expect(offered("state tx")[0]).toMatchObject({ label: "State is TX", operator: "is", value: "TX", contacts: 40 });
    expect(first("tags vip")).toEqual(["metadata.tags", "has_any_of", ["vip"]]);
    expect(first("lead source: trade fair")).toEqual(["metadata.lead_source", "is", "Trade fair"]);
    expect(first("tag not vip")).toEqual(["metadata.tags", "has_none_of", ["vip"]]);
    expect(first("state != TX")).toEqual(["metadata.state", "is_not", "TX"]);
  });

  test("values that begin so come first, what was typed last", () => {
    expect(labels("state t")).toEqual(["State is TX", "State is TN", "State is t"]);
  });

  test("does not wait for the values: what was typed is taken as it is written", () => {
    expect(first("state Tx", nothingKnown)).toEqual(["metadata.state", "is", "Tx"]);
    expect(first("lead source Trade Fair", nothingKnown)).toEqual(["metadata.lead_source", "is", "Trade Fair"]);
  });

  test("of another type is read as that type", () => {
    expect(first("score > 50")).toEqual(["metadata.score", "greater_than", 50]);
    expect(first("score>=1,000")).toEqual(["metadata.score", "at_least", 1000]);
    expect(first("score high")).toBeUndefined();
    expect(first("customer yes")).toEqual(["metadata.customer", "is_true", undefined]);
    expect(first("customer not yes")).toEqual(["metadata.customer", "is_false", undefined]);
    expect(first("created at 30")).toEqual(["created_at", "in_last_days", 30]);
    expect(first("created at next 7 days")).toEqual(["created_at", "in_next_days", 7]);
    expect(first("created 2026-11-01")).toEqual(["created_at", "on", "2026-11-01"]);
    expect(first("clicked a link in last 14")).toEqual(["@clicked", "in_last_days", 14]);
  });

  test("a broadcast or a segment is found by name and kept by id", () => {
    expect(offered("segment vip")[0]).toMatchObject({ label: "Is in segment VIP", value: ["s1"] });
    expect(offered("was sent spring")[0]).toMatchObject({ label: "Was sent “Spring offer”", value: ["b1"] });
  });

  test("only with an operator that the field has", () => {
    const few = { ...words, fields: [field("metadata.state", "State", "text", { operators: ["is_empty"] })] };
    expect(suggest("state tx", few, nothingKnown)).toEqual([]);
  });
});

test("a value alone is found in the fields that most contacts have", () => {
  expect(labels("vip")).toEqual(["Tags has any of vip"]);
  expect(labels("tx")).toEqual(["State is TX"]);
  expect(labels("zzz")).toEqual([]);
});

test("each offer stands there once", () => {
  for (const typed of ["", "s", "st", "state t", "e", "v"]) {
    const keys = offered(typed).map(({ key }) => key);
    expect(new Set(keys).size).toBe(keys.length);
  }
});

describe("what is looked up", () => {
  const asked = (typed: string) => lookups(typed, words).map(({ field: { id }, search }) => `${id} ${search}`);

  test("the values of the field that was named", () => {
    expect(asked("state is not tx")).toEqual(["metadata.state tx"]);
    expect(asked("segment v")).toEqual(["@segment v"]);
  });

  test("without one, lists and the fields that most contacts have, and nothing for a single letter", () => {
    expect(asked("vip").slice(0, 3)).toEqual(["metadata.tags vip", "metadata.state vip", "metadata.lead_source vip"]);
    expect(asked("v")).toEqual([]);
  });

  test("numbers and dates are not", () => {
    expect(asked("score 5")).toEqual([]);
  });
});
