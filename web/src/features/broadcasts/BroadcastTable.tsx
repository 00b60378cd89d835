/** One line per broadcast. */
import { Text } from "@mantine/core";
import { Link } from "@tanstack/react-router";
import { broadcastTypeWord, count, dayAndTime, share } from "@/lib/format";
import type { BroadcastLine } from "@/api/types";
import { Bar } from "@/ui/Bar";
import { DataTable, type Column } from "@/ui/DataTable";
import { BroadcastStatusChip } from "@/ui/Status";
import { BroadcastActions } from "./BroadcastActions";
import classes from "./BroadcastList.module.css";

interface BroadcastTableProps {
  lines: BroadcastLine[];
  isStale: boolean;
  onDelete: (line: BroadcastLine) => void;
}

const wasLaunched = (line: BroadcastLine) => line.launched_at !== null;

function whenOf(line: BroadcastLine): string {
  if (line.archived_at !== null) return `Archived ${dayAndTime(line.archived_at)}`;
  if (line.status === "scheduled" && line.scheduled_at !== null) return `For ${dayAndTime(line.scheduled_at)}`;
  if (line.launched_at !== null) return `Launched ${dayAndTime(line.launched_at)}`;
  return `Edited ${dayAndTime(line.updated_at)}`;
}

function Progress({ line }: { line: BroadcastLine }) {
  const rest = line.recipients - line.delivered - line.failed - line.pending;
  return (
    <div className={classes["progress"]}>
      <Text span size="xs" c="dimmed">
        {share(line.delivered, line.recipients)} delivered
      </Text>
      <Bar
        whole={line.recipients}
        height={6}
        parts={[
          { id: "delivered", value: line.delivered, tone: "good" },
          { id: "rest", value: Math.max(0, rest), tone: "care" },
          { id: "failed", value: line.failed, tone: "bad" },
        ]}
      />
    </div>
  );
}

const numberColumn = (id: "recipients" | "delivered" | "failed" | "pending", label: string): Column<BroadcastLine> => ({
  id,
  label,
  isNumber: true,
  cell: (line) => (line.status === "draft" ? null : count(line[id])),
});

export function BroadcastTable({ lines, isStale, onDelete }: BroadcastTableProps) {
  const columns: Column<BroadcastLine>[] = [
    {
      id: "name",
      label: "Name",
      isTitle: true,
      cell: (line) => (
        <Link to="/broadcasts/$id" params={{ id: line.id }} className={classes["name"]}>
          {line.name || "Untitled broadcast"}
        </Link>
      ),
    },
    { id: "type", label: "Type", isExtra: true, cell: (line) => broadcastTypeWord(line.broadcast_type) },
    { id: "status", label: "Status", cell: (line) => <BroadcastStatusChip status={line.status} /> },
    { id: "when", label: "When", cell: whenOf },
    { id: "progress", label: "Progress", isExtra: true, isWide: true, cell: (line) => (wasLaunched(line) && line.recipients > 0 ? <Progress line={line} /> : null) },
    numberColumn("recipients", "Recipients"),
    numberColumn("delivered", "Delivered"),
    numberColumn("failed", "Failed"),
    numberColumn("pending", "Pending"),
    {
      id: "actions",
      label: "Actions",
      width: "72px",
      cell: (line) => <BroadcastActions line={line} onDelete={onDelete} />,
    },
  ];
  return <DataTable label="Broadcasts" columns={columns} rows={lines} keyOf={(line) => line.id} isStale={isStale} />;
}
