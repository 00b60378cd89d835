/** Made-up contacts for looking at the app without a server, and the filter over them. */

export type LeftOut = "no_phone" | "invalid_phone" | "unchecked_phone" | "opted_out" | "duplicate_number";

export interface Contact {
  id: string;
  first_name: string | null;
  last_name: string | null;
  phone_number: string | null;
  email: string | null;
  metadata: Record<string, unknown>;
  columns: { created_at: string };
  left_out: LeftOut | null;
}

export interface Condition {
  field: string;
  operator: string;
  value?: unknown;
}

export interface Group {
  match: "all" | "any" | "none";
  conditions: (Group | Condition)[];
}

const first = "Maria James Aisha Wei Olivia Mateo Priya Liam Chloé Noah Zofia Ethan".split(" ");
const last = "Garcia Nguyen Johnson Patel O’Neill Kowalska Brown Martínez Lee Schmidt Lopez Okafor".split(" ");
const states = "TX CA FL NY IL OH GA NC AZ WA".split(" ");
const tags = ["vip", "newsletter", "trial", "lapsed", "partner"];
const sources = ["Web form", "Referral", "Trade fair", "Cold call"];

let seed = 7;
const random = () => {
  seed = (seed * 1103515245 + 12345) % 2147483648;
  return seed / 2147483648;
};
const pick = <T>(from: T[]): T => from[Math.floor(random() * from.length)] as T;

export const contacts: Contact[] = Array.from({ length: 100_000 }, (_, index) => {
  const given = pick(first);
  const family = pick(last);
  const luck = random();
  const left_out: LeftOut | null =
    luck < 0.02 ? "no_phone" : luck < 0.03 ? "invalid_phone" : luck < 0.045 ? "opted_out" : luck < 0.05 ? "duplicate_number" : null;
  return {
    id: `c${String(index).padStart(6, "0")}`,
    first_name: random() < 0.02 ? null : given,
    last_name: family,
    phone_number: left_out === "no_phone" ? null : left_out === "invalid_phone" ? "555-12" : `+1512555${String(index % 10_000).padStart(4, "0")}`,
    email: `${given}.${family}${index}@example.com`.toLowerCase().replaceAll("’", ""),
    metadata: {
      state: pick(states),
      tags: tags.filter(() => random() < 0.25),
      score: Math.floor(random() * 100),
      source: pick(sources),
      customer: random() < 0.4,
      last_order: new Date(Date.UTC(2026, 10, 23) - Math.floor(random() * 700) * 86_400_000).toISOString().slice(0, 10),
    },
    columns: { created_at: new Date(Date.UTC(2026, 10, 23) - (index % 900) * 86_400_000).toISOString() },
    left_out,
  };
});

const operatorsOf = {
  text: ["is", "is_not", "is_one_of", "contains", "starts_with", "is_empty", "is_not_empty"],
  number: ["is", "greater_than", "at_most", "between", "is_empty"],
  date: ["on", "before", "after", "between", "in_last_days", "is_empty"],
  boolean: ["is_true", "is_false", "is_empty"],
  list: ["has_any_of", "has_all_of", "has_none_of", "is_empty"],
};

type Type = keyof typeof operatorsOf;

const field = (id: string, label: string, type: Type, share = 1) => ({
  id,
  label,
  source: id.startsWith("metadata.") ? "metadata" : "column",
  type,
  operators: operatorsOf[type],
  token: id,
  contacts: Math.round(contacts.length * share),
});

export const fields = [
  field("first_name", "First name", "text", 0.98),
  field("last_name", "Last name", "text"),
  field("email", "Email", "text"),
  field("phone_number", "Phone number", "text", 0.98),
  field("created_at", "Created at", "date"),
  field("metadata.state", "State", "text"),
  field("metadata.tags", "Tags", "list", 0.76),
  field("metadata.score", "Score", "number"),
  field("metadata.source", "Lead source", "text"),
  field("metadata.customer", "Customer", "boolean"),
  field("metadata.last_order", "Last order", "date"),
];

const operator = (id: string, label: string, value: string) => ({ id, label, value });

export const operators = [
  operator("is", "is", "one"),
  operator("is_not", "is not", "one"),
  operator("is_one_of", "is one of", "many"),
  operator("contains", "contains", "one"),
  operator("starts_with", "starts with", "one"),
  operator("greater_than", "is greater than", "one"),
  operator("at_most", "is at most", "one"),
  operator("between", "is between", "range"),
  operator("on", "is on", "one"),
  operator("before", "is before", "one"),
  operator("after", "is after", "one"),
  operator("in_last_days", "is in the last … days", "days"),
  operator("is_true", "is yes", "none"),
  operator("is_false", "is no", "none"),
  operator("has_any_of", "has any of", "many"),
  operator("has_all_of", "has all of", "many"),
  operator("has_none_of", "has none of", "many"),
  operator("is_empty", "is empty", "none"),
  operator("is_not_empty", "is not empty", "none"),
];

export const valueOf = (contact: Contact, id: string): unknown =>
  id.startsWith("metadata.") ? contact.metadata[id.slice(9)] : ({ ...contact, ...contact.columns } as Record<string, unknown>)[id];

const asList = (value: unknown): unknown[] => (Array.isArray(value) ? value : [value]);
const low = (value: unknown) => String(value ?? "").toLowerCase();

const tests: Record<string, (has: unknown, wanted: unknown) => boolean> = {
  is: (has, wanted) => low(has) === low(wanted),
  is_not: (has, wanted) => low(has) !== low(wanted),
  is_one_of: (has, wanted) => asList(wanted).some((each) => low(each) === low(has)),
  contains: (has, wanted) => low(has).includes(low(wanted)),
  starts_with: (has, wanted) => low(has).startsWith(low(wanted)),
  greater_than: (has, wanted) => Number(has) > Number(wanted),
  at_most: (has, wanted) => Number(has) <= Number(wanted),
  between: (has, wanted) => {
    const [from, to] = asList(wanted);
    return typeof has === "number" ? has >= Number(from) && has <= Number(to) : low(has) >= low(from) && low(has) <= low(to);
  },
  on: (has, wanted) => has === wanted,
  before: (has, wanted) => low(has) < low(wanted),
  after: (has, wanted) => low(has) > low(wanted),
  in_last_days: (has, wanted) => Date.parse(low(has)) > Date.now() - Number(wanted) * 86_400_000,
  is_true: (has) => has === true,
  is_false: (has) => has === false,
  has_any_of: (has, wanted) => asList(wanted).some((each) => asList(has).includes(each)),
  has_all_of: (has, wanted) => asList(wanted).every((each) => asList(has).includes(each)),
  has_none_of: (has, wanted) => !asList(wanted).some((each) => asList(has).includes(each)),
  is_empty: (has) => asList(has).every((each) => low(each) === ""),
  is_not_empty: (has) => low(has) !== "",
};

function isMatch(contact: Contact, part: Group | Condition): boolean {
  if (!("conditions" in part)) return tests[part.operator]?.(valueOf(contact, part.field), part.value) ?? false;
  if (part.conditions.length === 0) return true;
  if (part.match === "all") return part.conditions.every((inner) => isMatch(contact, inner));
  const isAny = part.conditions.some((inner) => isMatch(contact, inner));
  return part.match === "any" ? isAny : !isAny;
}

export const matching = (filter: Group): Contact[] => contacts.filter((contact) => isMatch(contact, filter));

const reasons: LeftOut[] = ["no_phone", "invalid_phone", "opted_out", "duplicate_number", "unchecked_phone"];

export function estimate(people: Contact[]) {
  const left_out = reasons.map((reason) => ({ reason, contacts: people.filter((person) => person.left_out === reason).length }));
  return {
    matched: people.length,
    sms: { reachable: people.filter((person) => person.left_out === null).length, left_out },
    email: { reachable: people.filter(({ email }) => email !== null).length, left_out: [{ reason: "no_email", contacts: people.filter(({ email }) => email === null).length }] },
    total: contacts.length,
    took_ms: 0.6,
    counted_at: new Date().toISOString(),
    freshness: freshness(),
  };
}

export const freshness = () => ({ source: "index", as_of: new Date().toISOString(), reason: null });

/** What each condition takes away, and then each reason; only of a group of which all count. */
export function waterfall(filter: Group) {
  const lefts = filter.conditions.map((_, place) => matching({ ...filter, conditions: filter.conditions.slice(0, place + 1) }).length);
  const fall = (left: number, place: number, all: number[], whole: number) => ({ left, lost: (all[place - 1] ?? whole) - left });
  const { matched, sms, email } = estimate(matching(filter));
  const channel = (out: { reason: string; contacts: number }[]) => {
    const after = out.map((_, place) => matched - out.slice(0, place + 1).reduce((sum, { contacts: lost }) => sum + lost, 0));
    return out.map(({ reason }, place) => ({ reason, ...fall(after[place] ?? 0, place, after, matched) }));
  };
  return {
    total: contacts.length,
    steps: lefts.map((left, place) => ({ pointer: `/conditions/${place}`, ...fall(left, place, lefts, contacts.length) })),
    matched,
    channels: { sms: channel(sms.left_out), email: channel(email.left_out) },
    freshness: freshness(),
  };
}

export function values(id: string, search: string) {
  const counted = new Map<unknown, number>();
  for (const contact of contacts) {
    for (const each of asList(valueOf(contact, id))) counted.set(each, (counted.get(each) ?? 0) + 1);
  }
  return [...counted]
    .filter(([value]) => value !== null && value !== undefined && low(value).includes(search.toLowerCase()))
    .sort(([, one], [, other]) => other - one)
    .slice(0, 20)
    .map(([value, count]) => ({ value, contacts: count }));
}
