/** What stands in square brackets is for a person to fill in, and would be sent as it is. */
import type { TemplateContent } from "@/api/types";
import { toFillIn } from "@/lib/templates";
import { Notice } from "@/ui/Notice";

const SHOWN = 6;

export function FillIn({ content }: { content: TemplateContent }) {
  const places = toFillIn(content);
  if (places.length === 0) return null;
  const more = places.length - SHOWN;
  return (
    <Notice kind="todo">
      Still to fill in: {places.slice(0, SHOWN).join(" ")}
      {more > 0 && ` and ${more} more`}
    </Notice>
  );
}
