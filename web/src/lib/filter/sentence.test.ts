import { expect, test } from "vitest";
import type { AudienceFields, Condition, Group } from "@/api/types";
import { sentence } from "./sentence";

const field = (id: string, label: string) => ({ id, label, source: "metadata" as const, type: "text" as const, operators: [], token: id, contacts: 0 });
const words: AudienceFields = {
  fields: [field("state", "State"), field("tags", "Tags"), field("score", "Score"), field("email", "Email"), field("order", "Last order")],
  operators: [
    { id: "is", label: "is", value: "one" },
    { id: "any_of", label: "has any of", value: "many" },
    { id: "between", label: "is between", value: "range" },
    { id: "empty", label: "is empty", value: "none" },
    { id: "last", label: "is in the last … days", value: "days" },
  ],
};
const all = (...conditions: (Condition | Group)[]): Group => ({ match: "all", conditions });
const said = (filter: Group) => sentence(filter, words);
const texas = { field: "state", operator: "is", value: "TX" };
const noEmail = { field: "email", operator: "empty" };

test("an empty filter is everybody", () => {
  expect(said(all())).toBe("Every contact");
});

test("conditions are joined by the word of their group", () => {
  expect(said(all(texas, noEmail))).toBe("Contacts whose State is “TX” and Email is empty");
  expect(said({ match: "any", conditions: [texas, noEmail] })).toBe("Contacts whose State is “TX” or Email is empty");
});

test("a group inside stands in brackets", () => {
  expect(said(all(texas, { match: "any", conditions: [noEmail, { field: "tags", operator: "any_of", value: ["vip", "new"] }] }))).toBe(
    "Contacts whose State is “TX” and (Email is empty or Tags has any of “vip” or “new”)",
  );
});

test("none of a group is a negation", () => {
  expect(said({ match: "none", conditions: [texas, noEmail] })).toBe("Contacts for whom none of this is true: State is “TX” or Email is empty");
  expect(said(all(texas, { match: "none", conditions: [noEmail] }))).toBe("Contacts whose State is “TX” and not (Email is empty)");
});

test("ranges, days and dates are said as one would say them", () => {
  expect(said(all({ field: "score", operator: "between", value: [1000, 2000] }))).toBe("Contacts whose Score is between 1,000 and 2,000");
  expect(said(all({ field: "order", operator: "last", value: 30 }))).toBe("Contacts whose Last order is in the last 30 days");
  expect(said(all({ field: "order", operator: "is", value: "2026-11-01" }))).toBe("Contacts whose Last order is 1 Nov 2026");
});

test("a long list of values is cut with the number of the rest", () => {
  expect(said(all({ field: "tags", operator: "any_of", value: ["a", "b", "c", "d", "e", "f", "g"] }))).toBe(
    "Contacts whose Tags has any of “a”, “b”, “c”, “d” or one of 3 more",
  );
});

test("a field that is gone is said by its id", () => {
  expect(said(all({ field: "old", operator: "is", value: 1 }))).toBe("Contacts whose old is 1");
});
