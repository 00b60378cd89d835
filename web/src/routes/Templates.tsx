/** The pages on which a template is written, with the editor of emails in them. */
import type { TemplateEmail, TemplateEmailEditorProps } from "@/features/templates/emailEditor";
import { NewTemplate as New } from "@/features/templates/NewTemplate";
import { TemplatePage as OfTemplate } from "@/features/templates/TemplatePage";
import { firstDocument } from "@/features/email/document";
import { EmailEditor, type EmailValue } from "@/features/email/EmailEditor";

/** The sender belongs to a broadcast, not to what it says. */
const noSender = { from_name: null, reply_to: null };

function Editor({ value, onChange, ...props }: TemplateEmailEditorProps) {
  return (
    <EmailEditor
      {...props}
      hasSender={false}
      value={{ ...value, ...noSender } as EmailValue}
      onChange={(change) => onChange(change as Partial<TemplateEmail>)}
    />
  );
}

export const NewTemplate = () => <New EmailEditor={Editor} beginning={firstDocument} />;

export const TemplatePage = () => <OfTemplate EmailEditor={Editor} />;
