/** Which days the calendar shows, and what counts as a conflict; the address keeps all of it. */
import { ActionIcon, Button, Checkbox, Group, SegmentedControl, Select, Title } from "@mantine/core";
import { IconChevronLeft, IconChevronRight } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { nearChoices } from "@/lib/calendar/near";
import { turned, viewTitle } from "@/lib/calendar/days";
import classes from "./Calendar.module.css";

interface ToolbarProps {
  date: string;
  today: string;
  firstDay: number;
}

const views = [
  { value: "month", label: "Month" },
  { value: "week", label: "Week" },
];

export function Toolbar({ date, today, firstDay }: ToolbarProps) {
  const { view = "month", within, archived = false } = useSearch({ from: "/calendar" });
  const navigate = useNavigate({ from: "/calendar" });
  const go = (to: string | undefined) => void navigate({ search: (others) => ({ ...others, date: to }) });
  const unit = view === "month" ? "month" : "week";
  return (
    <div className={classes["toolbar"]}>
      <Group gap={8} wrap="nowrap">
        <Button variant="default" disabled={date === today} onClick={() => go(undefined)}>
          Today
        </Button>
        <ActionIcon variant="default" size={36} aria-label={`Previous ${unit}`} title={`Previous ${unit}`} onClick={() => go(turned(view, date, -1))}>
          <IconChevronLeft size={18} aria-hidden />
        </ActionIcon>
        <ActionIcon variant="default" size={36} aria-label={`Next ${unit}`} title={`Next ${unit}`} onClick={() => go(turned(view, date, 1))}>
          <IconChevronRight size={18} aria-hidden />
        </ActionIcon>
      </Group>
      <Title order={2} className={classes["title"]} aria-live="polite">
        {viewTitle(view, date, firstDay)}
      </Title>
      <SegmentedControl aria-label="View" data={views} value={view} onChange={(next) => void navigate({ search: (others) => ({ ...others, view: next === "week" ? "week" : undefined }) })} />
      <Select
        className={classes["near"]}
        aria-label="When two broadcasts on one channel conflict"
        data={nearChoices}
        allowDeselect={false}
        value={within === undefined ? "day" : String(within)}
        onChange={(next) => void navigate({ search: (others) => ({ ...others, within: next === null || next === "day" ? undefined : Number(next) }) })}
      />
      <Checkbox label="With the archive" checked={archived} onChange={({ currentTarget: { checked } }) => void navigate({ search: (others) => ({ ...others, archived: checked ? true : undefined }) })} />
    </div>
  );
}
