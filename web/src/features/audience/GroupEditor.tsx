/** A group of conditions: all, any or none of them, with groups inside. */
import { ActionIcon, Button, SegmentedControl, Text } from "@mantine/core";
import { IconPlus, IconTrash } from "@tabler/icons-react";
import { use, useState } from "react";
import { DEEPEST, newGroup, type GroupNode, type Match } from "@/lib/filter/tree";
import { AddCondition } from "./AddCondition";
import { DraggingContext, useEditing } from "./catalogue";
import { ConditionRow } from "./ConditionRow";
import { PartHandle } from "./PartHandle";
import { groupWord } from "./spoken";
import { StartWith } from "./StartWith";
import classes from "./Builder.module.css";

const matches: { value: Match; label: string }[] = [
  { value: "all", label: "All" },
  { value: "any", label: "Any" },
  { value: "none", label: "None" },
];

const joints: Record<Match, string> = { all: "and", any: "or", none: "or" };

interface GroupEditorProps {
  group: GroupNode;
  depth: number;
  joint?: string;
}

export function GroupEditor({ group, depth, joint = "" }: GroupEditorProps) {
  const { isReadOnly, act, remove, faultOf } = useEditing();
  const { part: dragged } = use(DraggingContext);
  const isOutermost = depth === 1;
  const fault = faultOf(group.id);
  const jointAt = (index: number) => (index === 0 ? "" : joints[group.match]);
  return (
    <div
      role="group"
      aria-label={isOutermost ? "All conditions" : `Group of conditions: ${groupWord(group)}`}
      className={isOutermost ? undefined : classes["group"]}
      data-part={group.id}
      data-dragged={dragged === group.id || undefined}
    >
      {(!isOutermost || group.parts.length > 0) && (
        <div className={classes["head"]}>
          {!isOutermost && !isReadOnly && <PartHandle node={group} />}
          <div className={classes["words"]}>
            {!isOutermost && <span className={classes["joint"]}>{joint}</span>}
            <SegmentedControl
              size="xs"
              aria-label="Match"
              data={matches}
              value={group.match}
              readOnly={isReadOnly}
              onChange={(match) => act({ do: "match", group: group.id, match })}
            />
            <Text span c="dimmed">
              of these are true
            </Text>
          </div>
          {!isOutermost && !isReadOnly && (
            <ActionIcon className={classes["remove"]} variant="subtle" color="gray" size="lg" aria-label={`Remove group: ${groupWord(group)}`} onClick={() => remove(group)}>
              <IconTrash size={16} aria-hidden />
            </ActionIcon>
          )}
        </div>
      )}
      {fault !== undefined && (
        <Text c="var(--app-bad)" role="alert" mb={8}>
          {fault}
        </Text>
      )}
      {isOutermost && group.parts.length === 0 && <StartWith />}
      <div className={classes["parts"]} data-parts={group.id} data-empty={group.parts.length === 0 || undefined}>
        {group.parts.map((part, index) =>
          part.kind === "group" ? (
            <GroupEditor key={part.id} group={part} depth={depth + 1} joint={jointAt(index)} />
          ) : (
            <ConditionRow key={part.id} condition={part} joint={jointAt(index)} />
          ),
        )}
        {!isOutermost && group.parts.length === 0 && <Text c="dimmed">Nothing in this group yet: it restricts nobody.</Text>}
      </div>
      {!isReadOnly && <AddPart group={group} depth={depth} />}
    </div>
  );
}

/** The outermost group always has its search box; groups inside show theirs when it is asked for. */
function AddPart({ group, depth }: { group: GroupNode; depth: number }) {
  const { act } = useEditing();
  const isOutermost = depth === 1;
  const [isOpen, setOpen] = useState(false);
  return (
    <div className={classes["adding"]}>
      {isOutermost || isOpen ? (
        <AddCondition group={group.id} label={isOutermost ? "Add a condition" : "Add a condition to this group"} isOutermost={isOutermost} onLeave={() => setOpen(false)} />
      ) : (
        <Button variant="subtle" size="compact-md" fw={500} leftSection={<IconPlus size={16} aria-hidden />} onClick={() => setOpen(true)}>
          Add to this group
        </Button>
      )}
      {depth < DEEPEST && (
        <Button
          variant="subtle"
          color="gray"
          fw={500}
          size={isOutermost ? "sm" : "compact-md"}
          leftSection={<IconPlus size={16} aria-hidden />}
          onClick={() => {
            const node = newGroup(group.match === "all" ? "any" : "all");
            act({ do: "add", group: group.id, node }, { part: node.id, at: "handle" });
          }}
        >
          Add a group
        </Button>
      )}
    </div>
  );
}
