/** The email of a template in the editor that the page is given, read as real contacts. */
import { useAudienceFields } from "@/api/audience";
import { useReading } from "@/api/reading";
import type { Fault, Group } from "@/api/types";
import { PersonStepper } from "@/ui/PersonStepper";
import { WaitingRows } from "@/ui/States";
import type { TemplateEmailEditor } from "./emailEditor";
import type { Edit } from "./unsaved";

interface EmailFieldsProps {
  Editor: TemplateEmailEditor;
  edit: Edit;
  faults: Fault[];
  onEdit: (change: Partial<Edit>) => void;
}

const everybody: Group = { match: "all", conditions: [] };

/** A template keeps the text part where an SMS has its text. */
const inEditor = (fault: Fault): Fault => ({ ...fault, pointer: fault.pointer.replace(/^\/body/, "/text_part") });

export function EmailFields({ Editor, edit, faults, onEdit }: EmailFieldsProps) {
  const { data: words } = useAudienceFields();
  const people = useReading({ filter: everybody, channel: "email", reachable: true });
  if (words === undefined) return <WaitingRows rows={6} />;
  return (
    <Editor
      value={{ subject: edit.subject, preheader: edit.preheader, email: edit.email, text_part: edit.body === "" ? null : edit.body }}
      onChange={({ text_part: text, ...others }) => onEdit({ ...others, ...(text === undefined ? {} : { body: text ?? "" }) })}
      fields={words.fields}
      preview={{ contact: people.person?.contact ?? null, stepper: <PersonStepper people={people} /> }}
      faults={faults.map(inEditor)}
    />
  );
}
