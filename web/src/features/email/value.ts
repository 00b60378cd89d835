/** What a mail is made of, as a step or a template keeps it. */
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

/** Somebody to read the email as; `contact` holds their fields, as Liquid names them. */
export interface PreviewContact {
  name: string;
  contact: object;
}

/** `more` is there while further contacts can be asked for; `total` null: not known yet. */
export interface PreviewPeople {
  contacts: PreviewContact[];
  total: number | null;
  more?: () => void;
}
