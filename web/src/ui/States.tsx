/** The states besides full: waiting, empty, wrong. */
import { Button, Skeleton, Stack, Text, Title } from "@mantine/core";
import { IconAlertTriangle, IconCloudOff, IconRefresh, type Icon } from "@tabler/icons-react";
import { useEffect, useState, type ReactNode } from "react";
import { ApiProblem, inWords, isOffline } from "@/api/problem";
import classes from "./States.module.css";

/** Shows nothing for the first moment, so that fast answers do not flicker. */
export function Later({ children, after = 100 }: { children: ReactNode; after?: number }) {
  const [isDue, setDue] = useState(false);
  useEffect(() => {
    const timer = setTimeout(() => setDue(true), after);
    return () => clearTimeout(timer);
  }, [after]);
  return <div style={{ visibility: isDue ? "visible" : "hidden" }}>{children}</div>;
}

export function WaitingRows({ rows = 6, height = 44 }: { rows?: number; height?: number }) {
  return (
    <Later>
      <Stack gap={8} role="status" aria-label="Loading">
        {Array.from({ length: rows }, (_, row) => (
          <Skeleton key={row} height={height - 8} radius="sm" />
        ))}
      </Stack>
    </Later>
  );
}

interface EmptyProps {
  icon?: Icon;
  title: string;
  children?: ReactNode;
  action?: ReactNode;
}

export function Empty({ icon: Mark, title, children, action }: EmptyProps) {
  return (
    <div className={classes["empty"]}>
      {Mark !== undefined && <Mark size={32} stroke={1.4} aria-hidden className={classes["mark"]} />}
      <Title order={2}>{title}</Title>
      {children !== undefined && (
        <Text c="dimmed" maw={440} component="div">
          {children}
        </Text>
      )}
      {action}
    </div>
  );
}

export function Failed({ error, onRetry }: { error: unknown; onRetry?: () => void }) {
  const title = error instanceof ApiProblem ? error.title : "No connection";
  return (
    <div role="alert">
      <Empty
        icon={isOffline(error) ? IconCloudOff : IconAlertTriangle}
        title={title}
        action={
          onRetry && (
            <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} onClick={onRetry}>
              Try again
            </Button>
          )
        }
      >
        {inWords(error)}
      </Empty>
    </div>
  );
}
