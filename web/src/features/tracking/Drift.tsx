/** Of a broadcast that waits: how its saved people and the contacts have moved apart, and saving them anew. */
import { Button, Text, Title } from "@mantine/core";
import { IconRefresh } from "@tabler/icons-react";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDrift, useRenewAudience } from "@/api/drift";
import { hasStatus, inWords } from "@/api/problem";
import { useDraft } from "@/api/useDraft";
import { driftKinds, driftSaid } from "@/lib/drift";
import { count, countOf, soon } from "@/lib/format";
import type { Drift as Moved, DriftKind, Tracking } from "@/api/types";
import { Notice } from "@/ui/Notice";
import { DriftDrawer } from "./DriftDrawer";
import classes from "./Tracking.module.css";

const valueOf = (drift: Moved, kind: DriftKind): number => drift[kind];

export function Drift({ tracking }: { tracking: Tracking }) {
  const { broadcast, step } = useDraft();
  // What is sent at once waits for a worker at most: nobody has the time to compare, and asking would race its start.
  const waits = tracking.status === "scheduled" && step.send_mode === "later";
  const isHeldBack = tracking.status === "paused" && step.status === "scheduled";
  if (!waits && !isHeldBack) return null;
  if (broadcast.audience_mode === "resolved_at_send") return <FoundLater tracking={tracking} />;
  return tracking.saving.state === "saved" ? <SavedDrift id={broadcast.id} savedAt={tracking.saving.saved_at} /> : null;
}

function FoundLater({ tracking: { saving, starts_at: starts } }: { tracking: Tracking }) {
  if (saving.state === "saved") return null;
  const when = starts === null ? "when it is sent" : `when it is sent, ${soon(starts)}`;
  return (
    <Notice kind="info">
      The people are found {when}.{saving.expected !== null && ` ${count(saving.expected)} match now.`}
    </Notice>
  );
}

function SavedDrift({ id, savedAt }: { id: string; savedAt: string | null }) {
  const { drift: open } = useSearch({ from: "/broadcasts/$id/tracking" });
  const navigate = useNavigate({ from: "/broadcasts/$id/tracking" });
  const { data: drift, error } = useDrift(id, savedAt);
  const renew = useRenewAudience(id);
  const show = (kind: DriftKind | undefined) => {
    void navigate({ search: (before) => ({ ...before, drift: kind }), resetScroll: false });
  };
  // It may have begun a moment before.
  if (drift === undefined) return error === null || hasStatus(error, 409) ? null : <Notice kind="care">{inWords(error)}</Notice>;
  const moved = driftKinds.filter((kind) => valueOf(drift, kind) > 0);
  const since = drift.saved_at === null ? "" : ` ${soon(drift.saved_at)}`;
  return (
    <section className={classes["box"]} aria-label="Since you scheduled">
      <div className={classes["drift"]}>
        <div>
          <Title order={2}>Since you scheduled</Title>
          {moved.length === 0 ? (
            <Text>Nothing has changed: the {countOf(drift.saved, "saved person", "saved people")} are those who match now.</Text>
          ) : (
            <ul className={classes["inline"]}>
              {moved.map((kind) => (
                <li key={kind}>
                  <button type="button" className="number-link" onClick={() => show(kind)} aria-label={`${driftSaid(kind, valueOf(drift, kind))}, show the people`}>
                    <span className="figure">{driftSaid(kind, valueOf(drift, kind))}</span>
                  </button>
                </li>
              ))}
            </ul>
          )}
          <Text size="xs" c="dimmed">
            Saved{since}: {countOf(drift.saved, "person", "people")}. They get it unless you save the audience anew.
          </Text>
        </div>
        {moved.length > 0 && (
          <Button variant="default" leftSection={<IconRefresh size={16} aria-hidden />} loading={renew.isPending} onClick={() => renew.mutate()}>
            Save the audience anew
          </Button>
        )}
      </div>
      {renew.isError && <Notice kind="bad" isAlert>{inWords(renew.error)}</Notice>}
      <DriftDrawer id={id} kind={open ?? null} onClose={() => show(undefined)} />
    </section>
  );
}
