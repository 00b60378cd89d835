/** Why messages failed, in words, with what to do. */
import { Text, Title } from "@mantine/core";
import { countOf } from "@/lib/format";
import type { Tracking } from "@/api/types";
import classes from "./Tracking.module.css";

export function Errors({ errors }: { errors: Tracking["errors"] }) {
  if (errors.length === 0) return null;
  return (
    <section className={classes["box"]} aria-label="Why messages failed">
      <Title order={2} mb={4}>
        Why messages failed
      </Title>
      <ul className={classes["list"]}>
        {errors.map((error) => (
          <li key={error.code}>
            <details className={classes["error"]}>
              <summary>
                {error.words}{" "}
                <Text span c="dimmed">
                  {error.advice}
                </Text>
              </summary>
              Code {error.code}
            </details>
            <span className="figure">{countOf(error.messages, "message")}</span>
          </li>
        ))}
      </ul>
    </section>
  );
}
