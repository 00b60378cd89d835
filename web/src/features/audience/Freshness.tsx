/** Where the numbers come from, when that is worth saying. */
import { Text } from "@mantine/core";
import type { Freshness as Fresh } from "@/api/types";

const small = (text: string) => text.slice(0, 1).toLowerCase() + text.slice(1);

export const freshnessWord = (fresh: Fresh | null): string | null =>
  fresh?.source !== "database" || !fresh.reason ? null : `Counted by the database: ${small(fresh.reason)}`;

export function Freshness({ fresh }: { fresh: Fresh | null }) {
  const said = freshnessWord(fresh);
  return said === null ? null : (
    <Text size="xs" c="dimmed">
      {said}
    </Text>
  );
}
