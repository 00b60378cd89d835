/** One broadcast: its steps, the screen of one of them, and the rail beside it. */
import { Skeleton } from "@mantine/core";
import { IconMapOff } from "@tabler/icons-react";
import { Navigate, Outlet, useParams } from "@tanstack/react-router";
import { lazy, Suspense, useState } from "react";
import { useBroadcast } from "@/api/broadcast";
import type { Draft } from "@/api/draft";
import { useLiveBroadcast } from "@/api/liveBroadcast";
import { hasStatus, inWords } from "@/api/problem";
import { DraftProvider, useDraft, useDraftOf } from "@/api/useDraft";
import { PeopleDrawer } from "@/features/audience/PeopleDrawer";
import { PersonDrawer } from "@/features/audience/PersonDrawer";
import { OthersHere } from "@/features/broadcasts/OthersHere";
import { Rail } from "@/features/broadcasts/Rail";
import { WizardHead } from "@/features/broadcasts/WizardHead";
import { useGoalPanel, useStepPanel } from "@/ui/inAddress";
import { TextLink } from "@/ui/links";
import { Empty, Failed, Later } from "@/ui/States";
import classes from "./Wizard.module.css";

const StepDrawer = lazy(async () => ({ default: (await import("@/features/schedule/StepDrawer")).StepDrawer }));
const GoalDrawer = lazy(async () => ({ default: (await import("@/features/audience/GoalDrawer")).GoalDrawer }));

export function Wizard() {
  const { id } = useParams({ from: "/broadcasts/$id" });
  return <OneBroadcast key={id} id={id} />;
}

function OneBroadcast({ id }: { id: string }) {
  const draft = useDraftOf(id);
  const { data, error, refetch } = useBroadcast(id);
  if (data !== undefined) {
    return (
      <DraftProvider draft={draft} saved={data}>
        <Steps id={id} draft={draft} />
      </DraftProvider>
    );
  }
  if (hasStatus(error, 404)) return <Gone>{inWords(error)}</Gone>;
  return error === null ? <Waiting /> : <Failed error={error} onRetry={() => void refetch()} />;
}

function Steps({ id, draft }: { id: string; draft: Draft }) {
  const connection = useLiveBroadcast(id, draft);
  return (
    <div className={classes["page"]}>
      <WizardHead />
      <OthersHere id={id} />
      <div className={classes["columns"]}>
        <div className={classes["content"]}>
          <Outlet />
        </div>
        <Rail connection={connection} />
      </div>
      <PeopleDrawer />
      <PersonDrawer />
      <Panels />
    </div>
  );
}

/** Loaded when the first of them is opened; then they stay, so that they close in their own time. */
function Panels() {
  const { editing } = useStepPanel();
  const { isOpen } = useGoalPanel();
  const [wasEdited, setEdited] = useState(false);
  const [wasAimed, setAimed] = useState(false);
  if (editing !== null && !wasEdited) setEdited(true);
  if (isOpen && !wasAimed) setAimed(true);
  return (
    <Suspense fallback={null}>
      {wasEdited && <StepDrawer />}
      {wasAimed && <GoalDrawer />}
    </Suspense>
  );
}

function Gone({ children }: { children: string }) {
  return (
    <Empty icon={IconMapOff} title="There is no such broadcast" action={<TextLink to="/broadcasts">Go to Broadcasts</TextLink>}>
      {children}
    </Empty>
  );
}

function Waiting() {
  return (
    <div className={classes["page"]}>
      <Later>
        <Skeleton h={28} w={280} mb={24} />
        <Skeleton h={56} mb={24} />
        <div className={classes["columns"]}>
          <Skeleton h={420} />
          <Skeleton h={320} visibleFrom="lg" />
        </div>
      </Later>
    </div>
  );
}

export function FirstStep() {
  const { broadcast } = useDraft();
  const to = broadcast.status === "draft" ? "/broadcasts/$id/type" : "/broadcasts/$id/tracking";
  return <Navigate to={to} params={{ id: broadcast.id }} replace />;
}
