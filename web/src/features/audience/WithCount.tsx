/** An option with how many people it means. */
import { Text } from "@mantine/core";
import { count } from "@/lib/format";
import classes from "./Values.module.css";

interface WithCountProps {
  label: string;
  note?: string;
  contacts?: number;
  isStale?: boolean;
}

export function WithCount({ label, note, contacts, isStale = false }: WithCountProps) {
  return (
    <span className={classes["option"]} data-none={contacts === 0 || undefined}>
      <span>{label}</span>{" "}
      <Text span size="xs" c="dimmed" className="figure" data-stale={isStale || undefined}>
        {contacts === undefined ? note : count(contacts)}
      </Text>
    </span>
  );
}
