import { describe, expect, test } from "vitest";
import type { Condition, Group } from "@/api/types";
import { conditionSentence, sentence, type NameOf } from "./sentence";
import { words } from "./testWords";

const names: Record<string, string> = { b1: "Spring offer", b2: "Fall", s1: "VIP" };
const nameOf: NameOf = (_, id) => names[id];
const all = (...conditions: (Condition | Group)[]): Group => ({ match: "all", conditions });
const said = (filter: Group) => sentence(filter, words, nameOf);
const texas = { field: "metadata.state", operator: "is_one_of", value: ["TX", "FL"] };
const notDnc = { field: "metadata.tags", operator: "has_none_of", value: ["dnc"] };
const noEmail = { field: "email", operator: "is_empty" };

test("an empty filter is everybody", () => {
  expect(said(all())).toBe("Every contact");
});

test("conditions are joined by the word of their group", () => {
  expect(said(all(texas, notDnc))).toBe("State is TX or FL and tags has none of dnc");
  expect(said({ match: "any", conditions: [texas, noEmail] })).toBe("State is TX or FL or email is empty");
});

test("a group inside stands in brackets", () => {
  expect(said(all(texas, { match: "any", conditions: [noEmail, { field: "metadata.tags", operator: "has_all_of", value: ["vip", "new"] }] }))).toBe(
    "State is TX or FL and (email is empty or tags has all of vip and new)",
  );
});

test("a group that is alone needs no brackets", () => {
  expect(said(all({ match: "any", conditions: [noEmail, notDnc] }))).toBe("Email is empty or tags has none of dnc");
});

test("none of a group is a negation", () => {
  expect(said({ match: "none", conditions: [texas, noEmail] })).toBe("None of this is true: state is TX or FL or email is empty");
  expect(said(all(noEmail, { match: "none", conditions: [notDnc] }))).toBe("Email is empty and not (tags has none of dnc)");
});

describe("values", () => {
  const one = (field: string, operator: string, value?: unknown) => said(all({ field, operator, value }));

  test("ranges, days and dates are said as one would say them", () => {
    expect(one("metadata.score", "between", [1000, 2000])).toBe("Score is between 1,000 and 2,000");
    expect(one("created_at", "in_last_days", 30)).toBe("Created at is in the last 30 days");
    expect(one("created_at", "more_than_days_ago", 90)).toBe("Created at is more than 90 days ago");
    expect(one("created_at", "anniversary_in_next_days", 7)).toBe("Created at has its anniversary in the next 7 days");
    expect(one("created_at", "on", "2026-11-01")).toBe("Created at is on 1 Nov 2026");
  });

  test("what could be read as a part of the sentence stands in quotes", () => {
    expect(one("metadata.state", "is", "New York")).toBe("State is “New York”");
    expect(one("metadata.state", "is", "OR")).toBe("State is “OR”");
    expect(one("metadata.state", "is", "is in the last … $& days")).toBe("State is “is in the last … $& days”");
  });

  test("a long list is cut with the number of the rest", () => {
    expect(one("metadata.tags", "has_any_of", ["a", "b", "c", "d", "e", "f", "g"])).toBe("Tags has any of a, b, c, d or 3 more");
  });

  test("what is not filled in yet is left open", () => {
    expect(one("metadata.state", "is")).toBe("State is …");
    expect(one("metadata.tags", "has_any_of")).toBe("Tags has any of …");
    expect(one("metadata.score", "between", [1, null])).toBe("Score is between 1 and …");
  });

  test("a field that is gone is said by its id", () => {
    expect(one("old", "is", 1)).toBe("Old is 1");
  });

  test("a name in capitals stays so", () => {
    expect(said(all(noEmail, { field: "metadata.vin", operator: "is_empty" }))).toBe("Email is empty and VIN is empty");
  });
});

test.each([
  ["@sent", "in_broadcast", ["b1", "b2"], "Was sent “Spring offer” or Fall"],
  ["@sent", "not_in_broadcast", ["b2"], "Was not sent Fall"],
  ["@sent", "in_last_days", 30, "Was sent any broadcast in the last 30 days"],
  ["@sent", "never", undefined, "Was not sent any broadcast, ever"],
  ["@delivered", "ever", undefined, "Received any broadcast"],
  ["@clicked", "not_in_last_days", 7, "Did not click a link in any broadcast in the last 7 days"],
  ["@replied", "in_broadcast", ["gone"], "Replied to …"],
  ["@segment", "is_in", ["s1"], "Is in segment VIP"],
  ["@segment", "is_not_in", ["s1"], "Is not in segment VIP"],
  ["@scheduled", "is_false", undefined, "Is not already in a scheduled broadcast"],
])("%s %s %j", (field, operator, value, expected) => {
  expect(conditionSentence({ field, operator, value }, words, nameOf)).toBe(expected);
});
