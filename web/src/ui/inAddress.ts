/** Which step of the sequence is looked at, edited beside the screen, or whether the goal is: part of the address, so Back closes it. */
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDraft } from "@/api/useDraft";
import type { Step } from "@/api/types";

interface InAddress {
  step?: string;
  edit?: string;
  goal?: true;
}

function useInAddress() {
  const navigate = useNavigate();
  const search: InAddress = useSearch({ strict: false });
  const put = (change: InAddress) => {
    void navigate({ to: ".", search: (before) => ({ ...before, ...change }), resetScroll: false });
  };
  return { search, put };
}

/** The first one where the address names none. */
export function useChosenStep() {
  const { broadcast, step: first } = useDraft();
  const { search, put } = useInAddress();
  const step: Step = broadcast.steps.find(({ id }) => id === search.step) ?? first;
  return { step, choose: (id: string | null) => put({ step: id ?? undefined }) };
}

export function useStepPanel() {
  const { search, put } = useInAddress();
  return { editing: search.edit ?? null, open: (id: string | null) => put({ edit: id ?? undefined }) };
}

export function useGoalPanel() {
  const { search, put } = useInAddress();
  return { isOpen: search.goal === true, open: (isOpen: boolean) => put({ goal: isOpen ? true : undefined }) };
}
