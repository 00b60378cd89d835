/** The handle of a condition or group: dragged it moves the part, pressed it lists what can be done with it. */
import { ActionIcon, Kbd, Menu } from "@mantine/core";
import {
  IconArrowDown, IconArrowUp, IconBoxMultiple, IconCopy, IconGripVertical, IconIndentDecrease, IconIndentIncrease, IconTrash, IconBoxOff, type Icon,
} from "@tabler/icons-react";
import { use } from "react";
import { canWrap, stepTo, type Step } from "@/lib/filter/moves";
import type { FilterNode } from "@/lib/filter/tree";
import { DraggingContext, useEditing } from "./catalogue";
import classes from "./Builder.module.css";

const steps: { step: Step; label: string; icon: Icon; keys: string }[] = [
  { step: "up", label: "Move up", icon: IconArrowUp, keys: "Alt ↑" },
  { step: "down", label: "Move down", icon: IconArrowDown, keys: "Alt ↓" },
  { step: "in", label: "Move into the group above", icon: IconIndentIncrease, keys: "Alt →" },
  { step: "out", label: "Move out of the group", icon: IconIndentDecrease, keys: "Alt ←" },
];

export function PartHandle({ node }: { node: FilterNode }) {
  const { tree, act, remove, step, said } = useEditing();
  const { start } = use(DraggingContext);
  const isPossible = ({ step: wanted }: { step: Step }) => stepTo(tree, node.id, wanted) !== null;
  const canBeWrapped = canWrap(tree, node.id);
  // The focus goes to what can be chosen; an item that cannot would not take it.
  const first = steps.find(isPossible)?.step ?? (canBeWrapped ? "wrap" : "duplicate");
  const here = { part: node.id, at: "handle" } as const;
  return (
    <Menu position="bottom-start" width={300} shadow="md" withInitialFocusPlaceholder={false}>
      <Menu.Target>
        <ActionIcon
          className={classes["handle"]}
          variant="subtle"
          color="gray"
          size="lg"
          data-handle={node.id}
          aria-label={`Move or change: ${said(node)}`}
          aria-keyshortcuts="Alt+ArrowUp Alt+ArrowDown Alt+ArrowRight Alt+ArrowLeft"
          title="Drag to move, press for more"
          onPointerDown={(event) => start(event, node)}
        >
          <IconGripVertical size={16} aria-hidden />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {steps.map(({ step: wanted, label, icon: Mark, keys }) => (
          <Menu.Item
            key={wanted}
            data-autofocus={first === wanted || undefined}
            leftSection={<Mark size={16} aria-hidden />}
            rightSection={<Kbd size="xs" aria-hidden>{keys}</Kbd>}
            disabled={!isPossible({ step: wanted })}
            onClick={() => step(node.id, wanted)}
          >
            {label}
          </Menu.Item>
        ))}
        <Menu.Item
          leftSection={<IconBoxMultiple size={16} aria-hidden />}
          data-autofocus={first === "wrap" || undefined}
          disabled={!canBeWrapped}
          onClick={() => act({ do: "wrap", node: node.id }, here)}
        >
          Put into a new group
        </Menu.Item>
        {node.kind === "group" && (
          <Menu.Item leftSection={<IconBoxOff size={16} aria-hidden />} onClick={() => act({ do: "unwrap", group: node.id }, firstInside(node))}>
            Take the group apart
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          leftSection={<IconCopy size={16} aria-hidden />}
          data-autofocus={first === "duplicate" || undefined}
          onClick={() => act({ do: "duplicate", node: node.id }, here)}
        >
          Duplicate
        </Menu.Item>
        <Menu.Item leftSection={<IconTrash size={16} aria-hidden />} onClick={() => remove(node)}>
          Remove
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
  );
}

const firstInside = (node: FilterNode) => {
  const [first] = node.kind === "group" ? node.parts : [];
  return first === undefined ? "add" : ({ part: first.id, at: "handle" } as const);
};
