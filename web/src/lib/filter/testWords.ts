/** The words of a server, for tests. */
import type { AudienceField, AudienceFields, Operator } from "@/api/types";

type Type = AudienceField["type"];

const operator = (id: string, label: string, value: Operator["value"]) => ({ id, label, value });

const labelled = [
  operator("is", "is", "one"),
  operator("is_not", "is not", "one"),
  operator("is_one_of", "is one of", "many"),
  operator("contains", "contains", "one"),
  operator("greater_than", "is greater than", "one"),
  operator("at_least", "is at least", "one"),
  operator("between", "is between", "range"),
  operator("on", "is on", "one"),
  operator("in_last_days", "is in the last … days", "days"),
  operator("not_in_last_days", "is not in the last … days", "days"),
  operator("in_next_days", "is in the next … days", "days"),
  operator("anniversary_in_next_days", "has its anniversary in the next … days", "days"),
  operator("more_than_days_ago", "is more than … days ago", "days"),
  operator("is_true", "is yes", "none"),
  operator("is_false", "is no", "none"),
  operator("has_any_of", "has any of", "many"),
  operator("has_all_of", "has all of", "many"),
  operator("has_none_of", "has none of", "many"),
  operator("in_broadcast", "in one of the broadcasts", "many"),
  operator("not_in_broadcast", "in none of the broadcasts", "many"),
  operator("ever", "ever", "none"),
  operator("never", "never", "none"),
  operator("is_in", "is in", "many"),
  operator("is_not_in", "is not in", "many"),
  operator("is_empty", "is empty", "none"),
];

const held: Record<Type, string[]> = {
  text: ["is", "is_not", "is_one_of", "contains", "is_empty"],
  number: ["is", "is_not", "greater_than", "at_least", "between", "is_empty"],
  date: ["on", "in_last_days", "in_next_days", "anniversary_in_next_days", "more_than_days_ago", "is_empty"],
  boolean: ["is_true", "is_false", "is_empty"],
  list: ["has_any_of", "has_all_of", "has_none_of", "is_empty"],
  activity: ["in_broadcast", "not_in_broadcast", "in_last_days", "not_in_last_days", "ever", "never"],
  segment: ["is_in", "is_not_in"],
  scheduled: ["is_true", "is_false"],
};

export const operators: Operator[] = labelled.map((each) => ({
  ...each,
  types: (Object.keys(held) as Type[]).filter((type) => held[type].includes(each.id)),
}));

export function field(id: string, label: string, type: Type, more: Partial<AudienceField> = {}): AudienceField {
  const own = type === "activity" || type === "segment" || type === "scheduled" ? type : "column";
  return {
    id,
    label,
    source: id.startsWith("metadata.") ? "metadata" : own,
    type,
    operators: held[type],
    token: id,
    contacts: 10,
    kinds: [],
    note: null,
    ...more,
  };
}

export const words: AudienceFields = {
  operators,
  fields: [
    field("email", "Email", "text"),
    field("created_at", "Created at", "date"),
    field("metadata.estate", "Estate", "text", { contacts: 3 }),
    field("metadata.state", "State", "text", { contacts: 100 }),
    field("metadata.lead_source", "Lead source", "text", { contacts: 90 }),
    field("metadata.tags", "Tags", "list", { contacts: 80 }),
    field("metadata.score", "Score", "number"),
    field("metadata.customer", "Customer", "boolean"),
    field("metadata.vin", "VIN", "text", { contacts: 2 }),
    field("@sent", "Message sent", "activity"),
    field("@clicked", "Link clicked", "activity"),
    field("@segment", "Segment", "segment"),
    field("@scheduled", "Already in a scheduled broadcast", "scheduled"),
  ],
};
