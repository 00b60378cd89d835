/** A template at a glance: the SMS as on a phone, the mail in small. Its name stands beside it, so this is only a picture. */
import type { TemplateContent } from "@/api/types";
import { asRead } from "@/lib/templates";
import { Bubble } from "./Bubble";
import { MailPreview } from "./MailPreview";
import classes from "./TemplateThumbnail.module.css";

export function TemplateThumbnail({ content }: { content: TemplateContent }) {
  if (content.channel === "sms") {
    return (
      <div className={classes["sms"]} aria-hidden>
        <Bubble text={asRead(content.body)} />
      </div>
    );
  }
  return (
    <div className={classes["mail"]} aria-hidden inert>
      <div className={classes["small"]}>
        <MailPreview body={content.body} email={content.email} title="" />
      </div>
    </div>
  );
}
