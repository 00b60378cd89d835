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

/** What is missing, with the step of the sequence where there are several. */
export function problemSaid(problem: WizardProblem, { steps: ofSequence }: Pick<Outlook, "steps">): string {
  const step = ofSequence.length > 1 ? ofSequence.find(({ step_id: id }) => id === problem.of_step) : undefined;
  return step === undefined ? problem.detail : `Step ${step.position}: ${problem.detail}`;
}

export const problemKey = ({ of_step: step, pointer, detail }: WizardProblem): string => `${step ?? ""} ${pointer} ${detail}`;

/** What the address says of a step, so that the way to what is missing ends at it. */
export const stepSearch = (problem: WizardProblem): { step?: string } => (problem.of_step === null ? {} : { step: problem.of_step });
