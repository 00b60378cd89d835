/** A filter in words, as one would say it. */
import { count, dateWord } from "@/lib/format";
import type { AudienceFields, Condition, Group } from "@/api/types";

const joints: Record<Group["match"], string> = { all: " and ", any: " or ", none: " or " };

function saidValue(value: unknown): string {
  if (typeof value === "number") return count(value);
  if (typeof value === "boolean") return value ? "yes" : "no";
  if (typeof value === "string" && /^\d{4}-\d\d-\d\d/.test(value)) return dateWord(value);
  return typeof value === "string" ? `“${value}”` : JSON.stringify(value);
}

function saidList(values: unknown[]): string {
  const said = values.map(saidValue);
  if (said.length <= 1) return said.join("");
  if (said.length > 5) return `${said.slice(0, 4).join(", ")} or one of ${count(said.length - 4)} more`;
  return `${said.slice(0, -1).join(", ")} or ${said.at(-1) ?? ""}`;
}

function saidCondition({ field, operator, value }: Condition, { fields, operators }: AudienceFields): string {
  const known = fields.find((candidate) => candidate.id === field);
  const verb = operators.find((candidate) => candidate.id === operator);
  const start = `${known?.label ?? field} ${verb?.label ?? operator}`;
  // "is in the last … days" says itself where its value stands.
  if (start.includes("…")) return start.replace("…", saidValue(value));
  switch (verb?.value) {
    case "none":
      return start;
    case "days":
      return `${start} ${saidValue(value)} days`;
    case "range":
      return Array.isArray(value) ? `${start} ${value.map(saidValue).join(" and ")}` : start;
    case "many":
      return Array.isArray(value) ? `${start} ${saidList(value)}` : start;
    default:
      return `${start} ${saidValue(value)}`;
  }
}

function saidGroup(group: Group, words: AudienceFields, isOutermost: boolean): string {
  const parts = group.conditions.map((part) =>
    "conditions" in part ? saidGroup(part, words, false) : saidCondition(part, words),
  );
  const joined = parts.join(joints[group.match]);
  if (group.match === "none") return `not (${joined})`;
  return isOutermost || parts.length === 1 ? joined : `(${joined})`;
}

export function sentence(filter: Group, words: AudienceFields): string {
  if (filter.conditions.length === 0) return "Every contact";
  if (filter.match === "none") return `Contacts for whom none of this is true: ${saidGroup({ ...filter, match: "any" }, words, true)}`;
  return `Contacts whose ${saidGroup(filter, words, true)}`;
}
