/** The editor of emails, as the pages of templates are given it. */
import type { ReactNode } from "react";
import type { AudienceField, Fault, Template } from "@/api/types";

/** `text_part` null: made from the email. */
export interface TemplateEmail extends Pick<Template, "preheader" | "email"> {
  subject: string;
  text_part: string | null;
}

export interface TemplateEmailEditorProps {
  value: TemplateEmail;
  onChange: (change: Partial<TemplateEmail>) => void;
  fields: AudienceField[];
  preview: { contact: object | null; stepper: ReactNode };
  faults: Fault[];
}

export type TemplateEmailEditor = (props: TemplateEmailEditorProps) => ReactNode;
