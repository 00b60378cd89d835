/** What keeps the email from being sent and what could be better; pressed, each leads to its place. */
import { Text } from "@mantine/core";
import { IconAlertTriangle, IconBulb, IconCircleCheck } from "@tabler/icons-react";
import { countOf } from "@/lib/format";
import type { CheckedEmail, EmailCheck } from "./check";
import classes from "./Checks.module.css";

interface ChecksProps {
  shown: CheckedEmail | undefined;
  isStale: boolean;
  /** The words for the place that a pointer names; undefined for one that is nowhere on the screen. */
  placeName: (pointer: string) => string | undefined;
  onOpen: (pointer: string) => void;
}

/** Errors first, as problems that have no kind of their own. */
export function checksOf({ errors, checks }: Pick<CheckedEmail, "errors" | "checks">): EmailCheck[] {
  const wrong = errors.map(({ pointer, detail }): EmailCheck => ({ kind: "error", severity: "problem", detail, pointer }));
  const rest = checks.filter(({ pointer, detail }) => !errors.some((error) => error.pointer === pointer && error.detail === detail));
  return [...wrong, ...rest].toSorted((one, other) => Number(one.severity === "advice") - Number(other.severity === "advice"));
}

export function Checks({ shown, isStale, placeName, onOpen }: ChecksProps) {
  const found = shown === undefined ? [] : checksOf(shown);
  const problems = found.filter(({ severity }) => severity === "problem").length;
  const advice = found.length - problems;
  if (shown === undefined) return null;
  return (
    <section aria-label="Checks" className={classes["checks"]}>
      <Text fw={550} className="figure" data-stale={isStale || undefined}>
        {found.length === 0 ? (
          <span className={classes["good"]}>
            <IconCircleCheck size={18} aria-hidden /> Nothing to mend
          </span>
        ) : (
          [problems > 0 && countOf(problems, "problem"), advice > 0 && countOf(advice, "piece of advice", "pieces of advice")].filter(Boolean).join(", ")
        )}
      </Text>
      {found.length > 0 && (
        <ul className={classes["list"]}>
          {found.map((check, index) => (
            <li key={`${check.pointer} ${check.kind} ${index}`} className={classes["check"]} data-severity={check.severity}>
              {check.severity === "problem" ? <IconAlertTriangle size={18} aria-label="Problem" role="img" /> : <IconBulb size={18} aria-label="Advice" role="img" />}
              <Place check={check} name={placeName(check.pointer)} onOpen={onOpen} />
            </li>
          ))}
        </ul>
      )}
    </section>
  );
}

function Place({ check, name, onOpen }: { check: EmailCheck; name: string | undefined; onOpen: (pointer: string) => void }) {
  if (name === undefined) return <span>{check.detail}</span>;
  return (
    <button type="button" className={`number-link ${classes["open"] ?? ""}`} onClick={() => onOpen(check.pointer)}>
      <Text span fw={550}>
        {name}:
      </Text>{" "}
      {check.detail}
    </button>
  );
}
