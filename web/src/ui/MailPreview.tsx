/** A mail as it looks, whatever it is made of. HTML of one's own is shut in: it runs nothing and loads nothing. */
import type { TemplateContent } from "@/api/types";
import { htmlOf } from "@/lib/emailDocument";
import { MailBlocks } from "./MailBlocks";
import classes from "./MailPreview.module.css";

export function MailPreview({ body, email, title }: Pick<TemplateContent, "body" | "email"> & { title: string }) {
  const html = email === null ? body : htmlOf(email);
  if (html === null) return <MailBlocks document={email} />;
  return <iframe className={classes["frame"]} title={title} sandbox="" srcDoc={html} loading="lazy" />;
}
