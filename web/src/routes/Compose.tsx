/** The step of the wizard at which is written, with the editor of emails in it. */
import { ComposeStep } from "@/features/compose/ComposeStep";
import type { StepEmail, StepEmailEditorProps } from "@/features/compose/EmailPart";
import { EmailEditor, type EmailValue } from "@/features/email/EmailEditor";

/** The API keeps a document as it is; only the editor knows its parts. */
function Editor({ value, onChange, ...props }: StepEmailEditorProps) {
  return <EmailEditor {...props} value={value as EmailValue} onChange={(change) => onChange(change as Partial<StepEmail>)} />;
}

export const Compose = () => <ComposeStep EmailEditor={Editor} />;
