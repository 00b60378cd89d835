/** The steps of the wizard, in their order and with their names. */
import type { Outlook, WizardProblem } from "@/api/types";

export const steps = [
  { to: "/broadcasts/$id/type", key: "type", name: "Select Broadcast Type" },
  { to: "/broadcasts/$id/audience", key: "audience", name: "Select Your Audience" },
  { to: "/broadcasts/$id/estimate", key: "estimate", name: "Estimated Audience" },
  { to: "/broadcasts/$id/compose", key: "compose", name: "Compose" },
  { to: "/broadcasts/$id/schedule", key: "schedule", name: "Schedule Your Broadcast" },
  { to: "/broadcasts/$id/review", key: "review", name: "Review" },
  { to: "/broadcasts/$id/tracking", key: "tracking", name: "Tracking" },
] as const;

export type WizardStepKey = (typeof steps)[number]["key"];

export const stepAt = (path: string) => steps.find(({ key }) => path.endsWith(`/${key}`)) ?? steps[0];

export const missingAt = (outlook: Outlook | undefined, key: WizardStepKey): WizardProblem[] =>
  outlook?.problems.filter((problem) => problem.step === key) ?? [];

export const routeOf = (step: WizardProblem["step"]) => steps.find(({ key }) => key === step)?.to ?? steps[0].to;
