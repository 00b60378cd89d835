/** One line per segment. */
import { ActionIcon, Text } from "@mantine/core";
import { IconTrash } from "@tabler/icons-react";
import { Link } from "@tanstack/react-router";
import type { Segment } from "@/api/segments";
import { count, day } from "@/lib/format";
import { placesWord } from "@/lib/segments";
import { DataTable, type Column } from "@/ui/DataTable";
import { Figure } from "@/ui/Figure";
import { Kind } from "./Kind";
import classes from "./Segments.module.css";

interface SegmentTableProps {
  lines: Segment[];
  isStale: boolean;
  onDelete: (segment: Segment) => void;
}

function People({ segment: { contacts, freezing } }: { segment: Segment }) {
  if (contacts === null) {
    return (
      <Text span c="dimmed">
        Counting
      </Text>
    );
  }
  return freezing === "saving" ? <>{count(contacts)} so far</> : <Figure value={contacts} />;
}

export function SegmentTable({ lines, isStale, onDelete }: SegmentTableProps) {
  const columns: Column<Segment>[] = [
    {
      id: "name",
      label: "Name",
      isTitle: true,
      cell: ({ id, name }) => (
        <Link to="/segments/$id" params={{ id }} className={classes["name"]}>
          {name}
        </Link>
      ),
    },
    { id: "kind", label: "Kind", cell: (line) => <Kind segment={line} /> },
    { id: "uses", label: "Used in", cell: ({ uses }) => (uses === 0 ? <Text span c="dimmed">Nowhere yet</Text> : placesWord(uses)) },
    { id: "updated", label: "Updated", cell: ({ updated_at: at }) => day(at) },
    { id: "counted", label: "Counted", isExtra: true, cell: ({ measured_at: at }) => (at === null ? "" : day(at)) },
    { id: "people", label: "People", isNumber: true, cell: (line) => <People segment={line} /> },
    {
      id: "delete",
      label: "",
      width: "60px",
      cell: (line) => (
        <ActionIcon variant="subtle" color="gray" aria-label={`Delete ${line.name}`} onClick={() => onDelete(line)}>
          <IconTrash size={16} aria-hidden />
        </ActionIcon>
      ),
    },
  ];
  return <DataTable label="Segments" columns={columns} rows={lines} keyOf={({ id }) => id} isStale={isStale} />;
}
