/** The head of a step of the wizard: its name, and whether it can still be changed. */
import { Stack, Text, Title } from "@mantine/core";
import { useDocumentTitle } from "@mantine/hooks";
import type { ReactNode } from "react";
import { useDraft } from "@/api/useDraft";
import type { WizardProblem } from "@/api/types";
import { Notice } from "./Notice";

interface StepPageProps {
  title: string;
  hint?: string;
  step?: WizardProblem["step"];
  children: ReactNode;
}

export function StepPage({ title, hint, step, children }: StepPageProps) {
  const { broadcast, isReadOnly } = useDraft();
  useDocumentTitle(`${title} · ${broadcast.name || "Untitled broadcast"} · Clarion`);
  return (
    <Stack gap="lg">
      <div>
        <Title order={1} tabIndex={-1}>
          {title}
        </Title>
        {hint !== undefined && <Text c="dimmed">{hint}</Text>}
      </div>
      {isReadOnly && step !== undefined && (
        <Notice kind="info">This broadcast has been launched, so this step can be read but not changed.</Notice>
      )}
      {children}
    </Stack>
  );
}
