/** Which fields the counts by value show: those that people look for first, until somebody chooses others. */
import { useLocalStorage } from "@mantine/hooks";
import type { AudienceField, AudienceFields } from "@/api/types";

const FIRST_FIELDS = 4;
const usual = ["state", "tags", "product", "lead source", "city", "market"];

const rank = ({ label, source }: AudienceField) => {
  const place = usual.indexOf(label.toLowerCase());
  if (place >= 0) return place;
  // Names and addresses are counted too where they are few, but tell little.
  return source === "metadata" ? usual.length : usual.length + 1;
};

/** The fields that can be counted, as the list of fields has them. */
export const countedFields = ({ fields }: AudienceFields, countable: string[]): AudienceField[] => {
  const counted = new Set(countable);
  return fields.filter(({ id }) => counted.has(id));
};

export const firstFields = (counted: AudienceField[]): string[] =>
  counted
    .filter(({ type }) => type !== "boolean")
    .toSorted((one, other) => rank(one) - rank(other))
    .slice(0, FIRST_FIELDS)
    .map(({ id }) => id);

interface Kept {
  /** Null while nobody has chosen. */
  fields: string[] | null;
  closed: string[];
  isOpen: boolean | null;
}

/** What somebody has chosen to see stays on this device. */
export function useFacetChoice() {
  const [kept, keep] = useLocalStorage<Kept>({
    key: "clarion.facets",
    defaultValue: { fields: null, closed: [], isOpen: null },
    getInitialValueInEffect: false,
  });
  return { kept, change: (to: Partial<Kept>) => keep((before) => ({ ...before, ...to })) };
}
