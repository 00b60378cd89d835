/** The numbers; each one narrows the table of messages below. */
import { VisuallyHidden } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import type { ChannelNumbers, Tracking } from "@/api/types";
import { Figure } from "@/ui/Figure";
import { mainShows, moreShows, showOf, type Show } from "./shows";
import classes from "./Tracking.module.css";

/** The table that a number opens must not stay below the fold. */
function bringIntoSight(id: string) {
  const target = document.getElementById(id);
  const top = target?.getBoundingClientRect().top ?? 0;
  if (top < window.innerHeight * 0.6) return;
  const isStill = window.matchMedia("(prefers-reduced-motion: reduce)").matches;
  window.scrollBy({ top: top - window.innerHeight * 0.4, behavior: isStill ? "auto" : "smooth" });
}

/** The same number of each channel, always in the same place. */
function OfChannels({ channels, valueOf }: { channels: ChannelNumbers[]; valueOf: (numbers: ChannelNumbers) => number }) {
  return (
    <span className={classes["ofChannels"]}>
      {channels.map((numbers) => (
        <span key={numbers.channel}>
          {numbers.channel === "sms" ? "SMS" : "Email"} <Figure value={valueOf(numbers)} />
          <VisuallyHidden>;</VisuallyHidden>{" "}
        </span>
      ))}
    </span>
  );
}

/** What is sent right now comes and goes; its place stays while it is sent. */
const isShown = (show: Show, tracking: Tracking) => show.valueOf(tracking) > 0 || (show.id === "on_the_way" && tracking.status === "sending");

export function Tiles({ tracking }: { tracking: Tracking }) {
  const search = useSearch({ from: "/broadcasts/$id/tracking" });
  const navigate = useNavigate({ from: "/broadcasts/$id/tracking" });
  const current = showOf(search.show);
  const choose = (show: Show) => {
    void navigate({
      search: (before) => ({ ...before, show: show.id === "recipients" || show === current ? undefined : show.id }),
      resetScroll: false,
    });
    bringIntoSight("messages");
  };
  const small = moreShows.filter((show) => isShown(show, tracking));
  const tile = (show: Show, className: string | undefined) => (
    <button
      key={show.id}
      type="button"
      className={className}
      data-tone={show.valueOf(tracking) > 0 ? show.tone : null}
      aria-pressed={show === current}
      onClick={() => choose(show)}
    >
      <span>{show.word}</span>{" "}
      <span className={classes["value"]}>
        <Figure value={show.valueOf(tracking)} />
      </span>
      {show.ofChannel !== undefined && tracking.by_channel.length > 1 && <OfChannels channels={tracking.by_channel} valueOf={show.ofChannel} />}
      {show.explanation !== undefined && <span className={classes["explanation"]}> {show.explanation}</span>}
    </button>
  );
  return (
    <div role="group" aria-label="Messages by status">
      <div className={classes["tiles"]}>{mainShows.map((show) => tile(show, classes["tile"]))}</div>
      {small.length > 0 && <div className={classes["small"]}>{small.map((show) => tile(show, classes["smallTile"]))}</div>}
    </div>
  );
}
