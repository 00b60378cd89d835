/** Stands in for the editor of emails, for tests. */
import { useState } from "react";
import { blocksOf } from "@/lib/emailDocument";
import type { TemplateEmailEditorProps } from "./emailEditor";

/** What "Change the heading" makes of an email. */
export const changed = { kind: "blocks", blocks: [{ id: "a", type: "heading", text: "Good evening" }] };

let made = 0;

export const editors = {
  forget: () => {
    made = 0;
  },
};

/** Numbers the editors, so that a test can tell one that began anew. */
export function Lines({ value, onChange }: TemplateEmailEditorProps) {
  const [number] = useState(() => (made += 1));
  return (
    <>
      <p>
        Editor {number}: {blocksOf(value.email).map(({ own }) => String(own["text"]))}
      </p>
      <button type="button" onClick={() => onChange({ email: changed })}>
        Change the heading
      </button>
      <input aria-label="Text part" value={value.text_part ?? ""} onChange={(event) => onChange({ text_part: event.currentTarget.value === "" ? null : event.currentTarget.value })} />
    </>
  );
}
