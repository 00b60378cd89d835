/** A group of conditions: all, any or none of them, with groups inside. */
import { ActionIcon, Button, Group, SegmentedControl, Select, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import type { KeyboardEvent } from "react";
import { firstMatch } from "@/lib/fields";
import { DEEPEST, newCondition, newGroup, type GroupNode, type Match } from "@/lib/filter/tree";
import { fieldChoices, fieldOf, useEditing } from "./catalogue";
import { ConditionRow } from "./ConditionRow";
import classes from "./Audience.module.css";

const matches: { value: Match; label: string }[] = [
  { value: "all", label: "All" },
  { value: "any", label: "Any" },
  { value: "none", label: "None" },
];

export function GroupEditor({ group, depth }: { group: GroupNode; depth: number }) {
  const { isReadOnly, act, remove, faultOf } = useEditing();
  const isOutermost = depth === 1;
  const fault = faultOf(group.id);
  return (
    <div role="group" aria-label={isOutermost ? "All conditions" : "Group of conditions"} className={isOutermost ? undefined : classes["group"]}>
      <Group gap={8} mb={8} justify="space-between" wrap="nowrap" align="flex-start">
        <Group gap={8}>
          <SegmentedControl
            size="xs"
            aria-label="Match"
            data={matches}
            value={group.match}
            readOnly={isReadOnly}
            onChange={(match) => act({ do: "match", group: group.id, match })}
          />
          <Text c="dimmed">of these are true</Text>
        </Group>
        {!isOutermost && !isReadOnly && (
          <ActionIcon variant="subtle" color="gray" aria-label="Remove group" onClick={() => remove(group.id, "Group")}>
            <IconTrash size={16} aria-hidden />
          </ActionIcon>
        )}
      </Group>
      {fault !== undefined && <Text c="var(--app-bad)">{fault}</Text>}
      {isOutermost && group.parts.length === 0 && <Text mb={8}>No conditions yet: every contact matches.</Text>}
      <div className={classes["parts"]}>
        {group.parts.map((part) =>
          part.kind === "group" ? (
            <GroupEditor key={part.id} group={part} depth={depth + 1} />
          ) : (
            <ConditionRow key={part.id} condition={part} />
          ),
        )}
      </div>
      {!isReadOnly && <AddPart group={group} depth={depth} />}
    </div>
  );
}

function AddPart({ group, depth }: { group: GroupNode; depth: number }) {
  const { words, act, setNewest } = useEditing();
  const add = (id: string | null) => {
    const field = id === null ? undefined : fieldOf(words, id);
    const [operator] = field?.operators ?? [];
    if (field === undefined || operator === undefined) return;
    const node = newCondition(field.id, operator);
    setNewest(node.id);
    act({ do: "add", group: group.id, node });
  };
  const choices = fieldChoices(words);
  // The list opens a moment after the first key; Enter must not depend on it.
  const chooseAtOnce = (event: KeyboardEvent<HTMLInputElement>) => {
    if (event.key !== "Enter" || event.nativeEvent.isComposing) return;
    const { currentTarget: input } = event;
    const list = document.getElementById(input.getAttribute("aria-controls") ?? "");
    const marked = list?.querySelector<HTMLElement>("[data-combobox-selected]");
    const match = firstMatch(choices.flatMap(({ items }) => items), input.value);
    if (!marked && match === undefined) return;
    event.preventDefault();
    event.stopPropagation();
    if (marked) marked.click();
    else add(match?.value ?? null);
  };
  return (
    <Group gap={8} mt={group.parts.length > 0 ? 8 : 0}>
      <Select
        // A new picker for each condition: it starts empty again.
        key={group.parts.length}
        className={classes["add"]}
        aria-label="Add condition"
        placeholder="Add condition: type a field"
        leftSection={<IconPlus size={16} aria-hidden />}
        data={choices}
        value={null}
        onChange={add}
        onKeyDownCapture={chooseAtOnce}
        searchable
        selectFirstOptionOnChange
        limit={100}
        maxDropdownHeight={320}
        nothingFoundMessage="No such field"
        rightSection={<span />}
        renderOption={({ option }) => (
          <Group justify="space-between" gap={8} wrap="nowrap" flex={1}>
            {option.label}
            <Text span size="xs" c="dimmed">
              {fieldOf(words, option.value)?.type}
            </Text>
          </Group>
        )}
      />
      {depth < DEEPEST && (
        <Button variant="subtle" color="gray" leftSection={<IconPlus size={16} aria-hidden />} onClick={() => act({ do: "add", group: group.id, node: newGroup() })}>
          Add group
        </Button>
      )}
    </Group>
  );
}
