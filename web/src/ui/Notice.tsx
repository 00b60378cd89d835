/** A line that says something about the whole screen or field, with its icon. */
import { IconAlertTriangle, IconCircleDashed, IconCloudOff, IconInfoCircle } from "@tabler/icons-react";
import type { ReactNode } from "react";
import classes from "./Notice.module.css";

const icons = { info: IconInfoCircle, care: IconAlertTriangle, bad: IconAlertTriangle, todo: IconCircleDashed, offline: IconCloudOff };

export type NoticeKind = keyof typeof icons;

interface NoticeProps {
  kind: NoticeKind;
  children: ReactNode;
  action?: ReactNode;
  isAlert?: boolean;
}

export function Notice({ kind, children, action, isAlert = false }: NoticeProps) {
  const Mark = icons[kind];
  return (
    <div className={classes["notice"]} data-kind={kind} role={isAlert ? "alert" : undefined}>
      <Mark size={18} aria-hidden className={classes["mark"]} />
      <div className={classes["words"]}>{children}</div>
      {action}
    </div>
  );
}
