/** The name of the broadcast, whether it is saved, and the way from step to step. */
import { Button, Group, Menu, Text, VisuallyHidden } from "@mantine/core";
import { IconAlertTriangle, IconArrowLeft, IconCheck, IconChevronDown, IconCircleDashed, IconCloudUpload } from "@tabler/icons-react";
import { Link, useRouterState } from "@tanstack/react-router";
import { useOutlook } from "@/api/outlook";
import { useDraft, type DraftView } from "@/api/useDraft";
import { MenuLink } from "@/ui/links";
import { BroadcastStatusChip } from "@/ui/Status";
import { missingAt, stepAt, steps, type WizardStepKey } from "@/lib/steps";
import classes from "./WizardHead.module.css";

/** The steps at which something can be missing. */
const mended: WizardStepKey[] = ["type", "audience", "compose", "schedule"];

const savingWords = { saved: "Saved", waiting: "Saving", saving: "Saving", failed: "Not saved" };

function SaveState({ saving, failure }: Pick<DraftView, "saving" | "failure">) {
  const Mark = saving === "failed" ? IconAlertTriangle : saving === "saved" ? IconCheck : IconCloudUpload;
  return (
    <Text size="xs" c={saving === "failed" ? "var(--app-bad)" : "dimmed"} className={classes["saving"]} title={failure ?? undefined} role="status">
      <Mark size={14} aria-hidden />
      {savingWords[saving]}
    </Text>
  );
}

export function WizardHead() {
  const { broadcast, isReadOnly, saving, failure } = useDraft();
  const path = useRouterState({ select: (state) => state.location.pathname });
  const current = stepAt(path);
  const { data: outlook } = useOutlook(broadcast.id, !isReadOnly);
  const open = steps.filter(({ key }) => key !== "tracking" || isReadOnly);
  const at = open.findIndex(({ key }) => key === current.key);

  const markOf = (key: WizardStepKey) => {
    const isOpenStep = missingAt(outlook, key).length > 0;
    if (isReadOnly || !mended.includes(key) || outlook === undefined) return null;
    return isOpenStep ? <IconCircleDashed size={16} aria-hidden /> : <IconCheck size={16} aria-hidden />;
  };
  const wordOf = (key: WizardStepKey) => (!isReadOnly && missingAt(outlook, key).length > 0 ? ", something is missing" : "");

  return (
    <header className={classes["head"]}>
      <Group gap={12} wrap="nowrap" mb={12}>
        <Link to="/broadcasts" className={classes["back"]} aria-label="Back to Broadcasts">
          <IconArrowLeft size={18} aria-hidden />
        </Link>
        <Text fw={650} size="lg" truncate miw={0}>
          {broadcast.name || "Untitled broadcast"}
        </Text>
        <BroadcastStatusChip status={broadcast.status} />
        {!isReadOnly && <SaveState saving={saving} failure={failure} />}
      </Group>
      <nav aria-label="Steps of the broadcast" className={classes["wide"]}>
        <ol className={classes["steps"]}>
          {steps.map(({ to, key, name }, index) => {
            const mark = markOf(key);
            const inside = (
              <>
                <span className={classes["number"]} aria-hidden>
                  {mark ?? index + 1}
                </span>
                <span>{name}</span>
              </>
            );
            return (
              <li key={key}>
                {key === "tracking" && !isReadOnly ? (
                  <span className={classes["step"]} aria-disabled="true" title="Opens when the broadcast is launched">
                    {inside}
                  </span>
                ) : (
                  <Link
                    to={to}
                    params={{ id: broadcast.id }}
                    className={classes["step"]}
                    data-done={(markOf(key) !== null && missingAt(outlook, key).length === 0) || undefined}
                    data-missing={missingAt(outlook, key).length > 0 || undefined}
                    aria-current={key === current.key ? "step" : undefined}
                  >
                    {inside}
                    <VisuallyHidden>{wordOf(key)}</VisuallyHidden>
                  </Link>
                )}
              </li>
            );
          })}
        </ol>
      </nav>
      <nav aria-label="Steps of the broadcast" className={classes["narrow"]}>
        <Menu width="target">
          <Menu.Target>
            <Button variant="default" fullWidth justify="space-between" rightSection={<IconChevronDown size={16} aria-hidden />}>
              {at + 1} of {open.length} · {current.name}
            </Button>
          </Menu.Target>
          <Menu.Dropdown>
            {open.map(({ to, key, name }) => (
              <MenuLink key={key} to={to} params={{ id: broadcast.id }} leftSection={markOf(key)} aria-label={name + wordOf(key)} aria-current={key === current.key ? "step" : undefined}>
                {name}
              </MenuLink>
            ))}
          </Menu.Dropdown>
        </Menu>
      </nav>
    </header>
  );
}
