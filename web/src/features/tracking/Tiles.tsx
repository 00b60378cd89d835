/** The numbers; each one narrows the table of messages below. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { count, countOf } from "@/lib/format";
import type { Tracking } from "@/api/types";
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

/** The line is kept free until it is over, so that nothing moves when it is needed. */
const canHint = ({ id }: Show, { completed_at: completed, retrying, to_retry: toRetry }: Tracking) =>
  (id === "pending" && (completed === null || retrying > 0)) || (id === "failed" && toRetry > 0);

function hintOf({ id }: Show, { retrying, to_retry: toRetry }: Tracking): string {
  if (id === "failed") return toRetry > 0 ? `${count(toRetry)} to be sent again` : "";
  return id === "pending" && retrying > 0 ? `${countOf(retrying, "is", "are")} tried again` : "";
}

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
  const small = moreShows.filter((show) => show.valueOf(tracking) > 0);
  const tile = (show: Show, className: string | undefined) => (
    <button
      key={show.id}
      type="button"
      className={className}
      data-tone={show.tone}
      aria-pressed={show === current}
      aria-label={[`${show.word} ${count(show.valueOf(tracking))}`, hintOf(show, tracking), show.explanation].filter(Boolean).join(". ")}
      onClick={() => choose(show)}
    >
      <span>{show.word}</span>
      <span className={classes["value"]}>
        <Figure value={show.valueOf(tracking)} />
      </span>
      {canHint(show, tracking) && <span className={classes["hint"]}>{hintOf(show, tracking)}</span>}
      {show.explanation !== undefined && <span className={classes["explanation"]}>{show.explanation}</span>}
    </button>
  );
  return (
    <div role="group" aria-label="Messages by status">
      <div className={classes["tiles"]}>{mainShows.map((show) => tile(show, classes["tile"]))}</div>
      {(small.length > 0 || tracking.status === "sending") && <div className={classes["small"]}>{small.map((show) => tile(show, classes["smallTile"]))}</div>}
    </div>
  );
}
