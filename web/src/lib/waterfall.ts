/** How the contacts narrow to those whom a channel reaches, line by line. */
import type { AudienceFields, Group, Waterfall } from "@/api/types";
import { conditionSentence, sentence, type NameOf } from "./filter/sentence";
import type { People } from "./people";
import { emailReasonWords, reasonWords } from "./reasons";

export interface Fall {
  id: string;
  label: string;
  explanation?: string;
  lost: number;
  left: number;
  /** Whose lists stand behind the numbers. */
  lostPeople: People;
  leftPeople?: People;
}

const partAt = (filter: Group, pointer: string): { place: number; part: Group | Group["conditions"][number] } => {
  const place = pointer === "" ? 0 : Number(pointer.split("/")[2]);
  return { place, part: pointer === "" ? filter : (filter.conditions[place] ?? filter) };
};

/** One line for each condition. */
export function conditionFalls({ steps }: Waterfall, filter: Group, words: AudienceFields, nameOf: NameOf): Fall[] {
  return steps.map(({ pointer, left, lost }) => {
    const { place, part } = partAt(filter, pointer);
    const label = "conditions" in part ? sentence(part, words, nameOf) : conditionSentence(part, words, nameOf);
    return { id: pointer, label, lost, left, lostPeople: `step.${place}.lost`, leftPeople: `step.${place}.left` };
  });
}

/** One line for each reason of a channel. */
export function channelFalls({ channels }: Waterfall, channel: "sms" | "email"): Fall[] {
  if (channel === "sms") {
    return channels.sms.map(({ reason, left, lost }) => ({ id: reason, ...reasonWords(reason), left, lost, lostPeople: reason }));
  }
  return channels.email.map(({ reason, left, lost }) => ({
    id: reason,
    ...emailReasonWords(reason),
    left,
    lost,
    lostPeople: `email.${reason}`,
  }));
}
