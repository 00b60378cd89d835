/** What each condition of a filter makes of one contact, in words. */
import { plain } from "@/lib/contact";
import type { AudienceFields, Condition, Group, Why } from "@/api/types";
import { conditionSentence, type NameOf } from "./sentence";
import { isSpecial } from "./words";

export interface Explained {
  pointer: string;
  /** The condition in words, or what the group asks for. */
  said: string;
  met: boolean;
  /** What the contact holds there; null where it is nothing that a contact holds. */
  holds: string | null;
  /** Of a group that asks for none: what is met keeps the contact out. */
  isUnwanted: boolean;
  parts: Explained[];
}

const groupSaid: Record<Group["match"], string> = {
  all: "All of these",
  any: "Any of these",
  none: "None of these",
};

const holdsOf = (field: string, value: unknown): string | null => {
  if (isSpecial(field)) return null;
  const text = plain(value);
  return text === "" ? "nothing" : text;
};

export function explained(filter: Group, { conditions }: Pick<Why, "conditions">, words: AudienceFields, nameOf: NameOf): Explained {
  const byPointer = new Map(conditions.map((part) => [part.pointer, part]));
  const explain = (part: Group | Condition, pointer: string, isUnwanted: boolean): Explained => {
    const answer = byPointer.get(pointer);
    const met = answer?.met ?? false;
    if ("conditions" in part) {
      const parts = part.conditions.map((inner, index) => explain(inner, `${pointer}/conditions/${index}`, part.match === "none"));
      return { pointer, said: groupSaid[part.match], met, holds: null, isUnwanted, parts };
    }
    return { pointer, said: conditionSentence(part, words, nameOf), met, holds: holdsOf(part.field, answer?.value), isUnwanted, parts: [] };
  };
  return explain(filter, "", false);
}
