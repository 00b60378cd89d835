/** What a mail is made of, as a step or a template keeps it. */
import type { ReactNode } from "react";
import type { EmailDocument } from "./document";

/** `email` null: nobody has begun. `text_part` null: made from the email. The last two null: the sender's own. */
export interface EmailValue {
  subject: string;
  preheader: string;
  email: EmailDocument | null;
  text_part: string | null;
  from_name: string | null;
  reply_to: string | null;
}

/** Somebody to read the email as: `contact` holds their fields, as Liquid names them. `stepper` chooses another one, and
 * `unreached` says why this one gets no email, if so. */
export interface PreviewAs {
  contact: object | null;
  stepper: ReactNode;
  unreached?: string | null;
}
