/** Of which step and of which channel the messages are; both are in the address. */
import { Group, NativeSelect } from "@mantine/core";
import { useNavigate, useSearch } from "@tanstack/react-router";
import { useDraft } from "@/api/useDraft";
import { titleOf } from "@/lib/sequence/words";
import { hasBegun } from "@/api/ofStep";
import classes from "./Tracking.module.css";

export function Narrow() {
  const { broadcast } = useDraft();
  const { of = "", by = "" } = useSearch({ from: "/broadcasts/$id/tracking" });
  const navigate = useNavigate({ from: "/broadcasts/$id/tracking" });
  const begun = broadcast.steps.filter((step) => hasBegun(step) || step.id === of);
  const hasBoth = broadcast.broadcast_type === "sms_email";
  const go = (to: { of?: string | undefined; by?: "sms" | "email" | undefined }) => {
    void navigate({ search: (before) => ({ ...before, ...to }), replace: true, resetScroll: false });
  };
  if (broadcast.steps.length < 2 && !hasBoth) return null;
  return (
    <Group gap={8} className={classes["narrow"] ?? ""}>
      {broadcast.steps.length > 1 && (
        <NativeSelect
          aria-label="Step"
          data={[{ value: "", label: "All steps" }, ...begun.map((step) => ({ value: step.id, label: `${step.position}. ${titleOf(step)}` }))]}
          value={of}
          onChange={({ currentTarget: { value } }) => go({ of: value === "" ? undefined : value })}
        />
      )}
      {hasBoth && (
        <NativeSelect
          aria-label="Channel"
          data={[
            { value: "", label: "Both channels" },
            { value: "sms", label: "SMS" },
            { value: "email", label: "Email" },
          ]}
          value={by}
          onChange={({ currentTarget: { value } }) => go({ by: value === "sms" || value === "email" ? value : undefined })}
        />
      )}
    </Group>
  );
}
