/** Has a file of the people of a filter written; the panel at the foot of the screen follows it. */
import { Button } from "@mantine/core";
import { notifications } from "@mantine/notifications";
import { IconDownload } from "@tabler/icons-react";
import { useStartExport } from "@/api/exports";
import { inWords } from "@/api/problem";
import type { Group } from "@/api/types";

interface ExportButtonProps {
  filter: Group;
  /** Of the broadcast or segment, to tell several files apart. */
  name: string;
}

export function ExportButton({ filter, name }: ExportButtonProps) {
  const start = useStartExport();
  const press = () =>
    start.mutate(
      { filter, name },
      { onError: (error) => notifications.show({ color: "red", title: "The export did not start", message: inWords(error) }) },
    );
  return (
    <Button variant="default" leftSection={<IconDownload size={16} aria-hidden />} loading={start.isPending} onClick={press}>
      Export CSV
    </Button>
  );
}
