/** A filter without conditions: everybody, and what people often ask for first. */
import { Button, Group, Text } from "@mantine/core";
import { newCondition } from "@/lib/filter/tree";
import { fieldChoice } from "@/lib/filter/words";
import type { AudienceField } from "@/api/types";
import { useEditing } from "./catalogue";

const MOST_FIELDS = 3;

/** What people look for first, where the contacts have it. */
const usual = ["state", "tags", "city", "product"];
const rank = ({ label }: AudienceField) => {
  const place = usual.indexOf(label.toLowerCase());
  return place < 0 ? usual.length : place;
};

/** Lists and texts that most contacts have say most about who somebody is; then what was sent to them. */
function samples(fields: AudienceField[]): AudienceField[] {
  const held = fields
    .filter((field) => field.source === "metadata" && ["text", "list"].includes(field.type))
    .toSorted((one, other) => rank(one) - rank(other) || other.contacts - one.contacts)
    .slice(0, MOST_FIELDS);
  return [...held, ...fields.filter(({ id }) => id === "@sent" || id === "@segment")];
}

export function StartWith() {
  const { words, tree, isReadOnly, act } = useEditing();
  const offered = samples(words.fields);
  return (
    <>
      {/* Leaves room for undo and redo. */}
      <Text mb={8} pe={92}>No conditions yet: every contact matches.</Text>
      {!isReadOnly && offered.length > 0 && (
        <Group gap={8} mb={12}>
          <Text c="dimmed">Start with</Text>
          {offered.map((field) => (
            <Button
              key={field.id}
              variant="default"
              size="compact-md"
              onClick={() => {
                const [operator] = field.operators;
                if (operator === undefined) return;
                const node = newCondition(field.id, operator);
                act({ do: "add", group: tree.id, node }, { part: node.id, at: "value" });
              }}
            >
              {fieldChoice(field)}
            </Button>
          ))}
        </Group>
      )}
    </>
  );
}
