/** How fields and operators are called where they stand in a row or a sentence. */
import type { AudienceField, Operator } from "@/api/types";

/** Not of the contact itself: what was sent to it, its segments, the broadcasts that wait. */
export const isSpecial = (field: string): boolean => field.startsWith("@");

type Typed = Pick<AudienceField, "id" | "type" | "label">;

interface Activity {
  yes: string;
  no: string;
}

const activities: Record<string, Activity> = {
  "@sent": { yes: "was sent", no: "was not sent" },
  "@delivered": { yes: "received", no: "did not receive" },
  "@clicked": { yes: "clicked a link in", no: "did not click a link in" },
  "@replied": { yes: "replied to", no: "did not reply to" },
};

/** In the row, behind "Was sent". */
const activityOperators: Record<string, string> = {
  in_broadcast: "any of these broadcasts",
  not_in_broadcast: "none of these broadcasts",
  in_last_days: "any broadcast in the last … days",
  not_in_last_days: "no broadcast in the last … days",
  ever: "any broadcast, ever",
  never: "no broadcast, ever",
};

const outsideOperators: Record<string, Record<string, string>> = {
  segment: { is_in: "is in segment", is_not_in: "is not in segment" },
  scheduled: { is_true: "is already in a scheduled broadcast", is_false: "is not already in a scheduled broadcast" },
};

const capital = (text: string) => text.slice(0, 1).toUpperCase() + text.slice(1);

/** "tags" in the middle of a sentence; VIN stays VIN. */
export const inSentence = (label: string): string =>
  /^[A-Z](?![A-Z])/.test(label) ? label.slice(0, 1).toLowerCase() + label.slice(1) : label;

/** As a row begins: "State", "Was sent", "Contact". */
export function fieldWord(field: Typed): string {
  const activity = activities[field.id];
  if (activity !== undefined) return capital(activity.yes);
  return field.type in outsideOperators ? "Contact" : field.label;
}

/** As a list of fields offers it. */
export const fieldChoice = (field: Typed): string => {
  const activity = activities[field.id];
  return activity === undefined ? field.label : `${capital(activity.yes)} …`;
};

/** Of a row. A "…" stands where the value belongs. */
export function operatorWord(field: Typed | undefined, operator: Operator | undefined, id: string): string {
  const own = field === undefined ? undefined : ownOperators(field)?.[id];
  return own ?? operator?.label ?? id;
}

function ownOperators(field: Typed): Record<string, string> | undefined {
  return field.type === "activity" ? activityOperators : outsideOperators[field.type];
}

/** What stands before the value and what behind it. */
export function aroundValue(word: string): [before: string, behind: string] {
  const at = word.indexOf("…");
  return at < 0 ? [word, ""] : [word.slice(0, at).trim(), word.slice(at + 1).trim()];
}

/** A condition of another kind than a field of the contact, with "…" for its value; undefined for the usual ones. */
export function specialSentence(field: string, operator: string): string | undefined {
  const activity = activities[field];
  if (activity !== undefined) {
    switch (operator) {
      case "in_broadcast":
        return `${activity.yes} …`;
      case "not_in_broadcast":
        return `${activity.no} …`;
      case "in_last_days":
        return `${activity.yes} any broadcast in the last … days`;
      case "not_in_last_days":
        return `${activity.no} any broadcast in the last … days`;
      case "ever":
        return `${activity.yes} any broadcast`;
      case "never":
        return `${activity.no} any broadcast, ever`;
      default:
        return undefined;
    }
  }
  if (field === "@segment") {
    const said = outsideOperators["segment"]?.[operator];
    return said === undefined ? undefined : `${said} …`;
  }
  return field === "@scheduled" ? outsideOperators["scheduled"]?.[operator] : undefined;
}

/** How the value of a condition is entered: text that holds numbers can be compared as numbers. */
export function readingOf({ type }: Pick<AudienceField, "type">, { types }: Pick<Operator, "types">): AudienceField["type"] {
  return !types.includes(type) && types.includes("number") ? "number" : type;
}

/** Whose names the values are: they are kept by id and said by name. */
export function namedBy(field: string, operator: string): "broadcast" | "segment" | undefined {
  if (field === "@segment") return "segment";
  return field in activities && (operator === "in_broadcast" || operator === "not_in_broadcast") ? "broadcast" : undefined;
}
