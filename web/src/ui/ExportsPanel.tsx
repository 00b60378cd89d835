/** The files that this tab has asked for, on whatever page: how far they are, and the file when it is written. */
import { ActionIcon, Button, Progress, Text } from "@mantine/core";
import { IconX } from "@tabler/icons-react";
import { useEffect, useRef } from "react";
import { fileOf, forgetExport, isUnderWay, useAskedExports, useCancelExport, useExport, type Asked } from "@/api/exports";
import { hasStatus, inWords, isOffline } from "@/api/problem";
import { count } from "@/lib/format";
import type { Export } from "@/api/types";
import classes from "./ExportsPanel.module.css";

export function ExportsPanel() {
  const asked = useAskedExports();
  if (asked.length === 0) return null;
  return (
    <section aria-label="Exports" className={classes["panel"]}>
      {asked.map((each) => (
        <One key={each.id} asked={each} />
      ))}
    </section>
  );
}

export function exportWord({ status, done, total, problem }: Pick<Export, "status" | "done" | "total" | "problem">): string {
  switch (status) {
    case "waiting":
      return "Waiting to start";
    case "running":
      return total === null ? `${count(done)} contacts written` : `${count(done)} of ${count(total)} contacts written`;
    case "done":
      return `${count(done)} contacts, ready`;
    case "failed":
      return problem ?? "The file could not be written. Start the export again.";
    case "cancelled":
      return "Cancelled";
    case "expired":
      return "The file is no longer kept. Start the export again.";
  }
}

/** The browser asks or saves by itself; the page stays where it is. */
function take(id: string) {
  const link = document.createElement("a");
  link.href = fileOf(id);
  link.download = "";
  link.click();
}

function One({ asked: { id, name } }: { asked: Asked }) {
  const { data, error } = useExport(id);
  const cancel = useCancelExport(id);
  const wasUnderWay = useRef(false);
  const isGoing = data === undefined || isUnderWay(data);
  useEffect(() => {
    if (data === undefined) return;
    if (isUnderWay(data)) wasUnderWay.current = true;
    else if (wasUnderWay.current && data.status === "done") {
      wasUnderWay.current = false;
      take(id);
    }
  }, [data, id]);
  const gone = hasStatus(error, 404);
  const part = data?.total == null || data.total === 0 ? 0 : (data.done / data.total) * 100;
  const word = data === undefined ? "Starting" : exportWord(data);
  return (
    <div className={classes["one"]} data-bad={data?.status === "failed" || undefined}>
      <div className={classes["head"]}>
        <Text fw={550} truncate className={classes["name"]}>
          Export of {name}
        </Text>
        {isGoing && !gone ? (
          <Button variant="default" size="compact-sm" loading={cancel.isPending} onClick={() => cancel.mutate()}>
            Cancel
          </Button>
        ) : (
          <ActionIcon variant="subtle" color="gray" aria-label={`Close the export of ${name}`} onClick={() => forgetExport(id)}>
            <IconX size={16} aria-hidden />
          </ActionIcon>
        )}
      </div>
      {isGoing && !gone && <Progress value={part} aria-label={`Export of ${name}`} />}
      <div className={classes["head"]}>
        <Text className="figure" role="status">
          {gone ? "The file is no longer kept. Start the export again." : error !== null && isOffline(error) ? "Offline: the server goes on writing." : error !== null ? inWords(error) : word}
        </Text>
        {data?.status === "done" && (
          <Button component="a" size="compact-sm" href={fileOf(id)} download>
            Download
          </Button>
        )}
      </div>
    </div>
  );
}
