/** Everything that is planned, by days; what can still be moved is dragged to another one. */
import { Anchor, Button, Skeleton, Switch, Text, Title } from "@mantine/core";
import { useDocumentTitle, useMediaQuery } from "@mantine/hooks";
import { IconCalendarOff } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useState } from "react";
import { useCalendar } from "@/api/calendar";
import { inWords } from "@/api/problem";
import { useMe } from "@/api/session";
import { firstDayOfWeek, viewTitle, weeksOfView } from "@/lib/calendar/days";
import { byDate, hoursShown, warningsListed } from "@/lib/calendar/items";
import { countOf, dayAndTime } from "@/lib/format";
import { hourWord } from "@/lib/sequence/words";
import { ownZone, wallTime, zoneWord } from "@/lib/zones";
import type { Calendar } from "@/api/types";
import { ButtonLink } from "@/ui/links";
import { Notice } from "@/ui/Notice";
import { Empty, Failed, Later } from "@/ui/States";
import { Agenda } from "./Agenda";
import { CalendarDrag } from "./CalendarDrag";
import { Legend } from "./Legend";
import { MonthGrid } from "./MonthGrid";
import { MoveDialog } from "./MoveDialog";
import { Toolbar } from "./Toolbar";
import { useMoves } from "./useMoves";
import { Warnings, WARNINGS_ID } from "./Warnings";
import { WeekGrid } from "./WeekGrid";
import classes from "./Calendar.module.css";

const PHONE = "(max-width: 48em)";

export function CalendarPage() {
  useDocumentTitle("Calendar · Clarion");
  const { view = "month", date: chosen, within, archived = false } = useSearch({ from: "/calendar" });
  const { data: me } = useMe();
  const zone = me?.workspace.time_zone ?? ownZone();
  const today = wallTime(new Date(), zone).slice(0, 10);
  const date = chosen ?? today;
  const firstDay = firstDayOfWeek();
  const weeks = weeksOfView(view, date, firstDay);
  const days = weeks.flat();
  const calendar = useCalendar({ from: days[0] ?? date, until: days.at(-1) ?? date, archived, within: within ?? null });
  const { data, isError, error, fetchStatus, isPlaceholderData } = calendar;
  const isLost = isError || fetchStatus === "paused";
  return (
    <div className={classes["page"]}>
      <Title order={1} mb="md">
        Calendar
      </Title>
      <Toolbar date={date} today={today} firstDay={firstDay} />
      {isLost && data !== undefined && <Notice kind="offline">{inWords(error)}</Notice>}
      {data === undefined ? (
        isLost ? <Failed error={error} onRetry={() => void calendar.refetch()} /> : <Waiting />
      ) : (
        <Days calendar={data} isStale={isPlaceholderData} weeks={weeks} date={date} today={today} title={viewTitle(view, date, firstDay)} />
      )}
    </div>
  );
}

function Waiting() {
  return (
    <Later>
      <Skeleton h={520} radius="md" role="status" aria-label="Loading" />
    </Later>
  );
}

interface DaysProps {
  calendar: Calendar;
  isStale: boolean;
  weeks: string[][];
  date: string;
  today: string;
  title: string;
}

function Days({ calendar, isStale, weeks, date, today, title }: DaysProps) {
  const { view = "month" } = useSearch({ from: "/calendar" });
  const navigate = useNavigate({ from: "/calendar" });
  const isPhone = useMediaQuery(PHONE, false, { getInitialValueInEffect: false });
  const [isAllHours, setAllHours] = useState(false);
  const { time_zone: zone, sending_from: from, sending_until: until } = calendar;
  const moves = useMoves(zone);
  const days = weeks.flat();
  const steps = calendar.steps.map(moves.placed).filter(({ shown }) => days.includes(shown.slice(0, 10)));
  const onDays = byDate(steps);
  const hours = view === "week" ? hoursShown(steps, from, until, isAllHours) : null;
  const shared = { weeks, today, zone, onDays, onAsk: moves.ask };
  const openDay = (day: string) => void navigate({ search: (others) => ({ ...others, view: "week", date: day }) });
  return (
    <div className={classes["body"]} data-stale={isStale || undefined}>
      <div className={classes["said"]}>
        <Text c="dimmed">
          By the clock of {zoneWord(zone)}. {steps.length === 0 ? "" : `${countOf(steps.length, "step")}.`}
        </Text>
        <ToWarnings count={warningsListed(steps).length} />
        {hours !== null && !isPhone && <Switch label="All 24 hours" checked={isAllHours} onChange={(event) => setAllHours(event.currentTarget.checked)} />}
      </div>
      {calendar.shown_until !== null && (
        <Notice kind="care" action={view === "month" && <Button variant="default" size="xs" onClick={() => openDay(date)}>Show a week</Button>}>
          There are more than 1,000 steps in these days. Shown are those until {dayAndTime(calendar.shown_until, zone)}; look at fewer days to see the rest.
        </Notice>
      )}
      {steps.length === 0 && <Nothing title={title} isPhone={isPhone} />}
      {isPhone ? (
        <Agenda days={[...onDays].toSorted(([one], [other]) => one.localeCompare(other))} today={today} zone={zone} onAsk={moves.ask} />
      ) : (
        <CalendarDrag steps={steps} dates={days} hours={hours} onMove={moves.begin}>
          {hours === null ? <MonthGrid {...shared} date={date} onOpenDay={openDay} /> : <WeekGrid {...shared} hours={hours} from={from} until={until} />}
        </CalendarDrag>
      )}
      <Legend hours={hours !== null && !isPhone && from !== null && until !== null ? `${hourWord(from)} to ${hourWord(until)}` : null} />
      <Warnings steps={steps} />
      <MoveDialog asked={moves.asked} onMove={moves.confirm} onClose={moves.close} />
    </div>
  );
}

function ToWarnings({ count }: { count: number }) {
  if (count === 0) return null;
  return (
    <Anchor component="button" type="button" onClick={() => document.getElementById(WARNINGS_ID)?.focus()}>
      {countOf(count, "warning")}
    </Anchor>
  );
}

function Nothing({ title, isPhone }: { title: string; isPhone: boolean }) {
  const words = "A broadcast stands here as soon as it has a date, as a draft too.";
  if (!isPhone) return <Notice kind="info">Nothing is planned for {title}. {words}</Notice>;
  return (
    <Empty icon={IconCalendarOff} title={`Nothing is planned for ${title}`} action={<ButtonLink variant="default" to="/broadcasts">Go to Broadcasts</ButtonLink>}>
      {words}
    </Empty>
  );
}
