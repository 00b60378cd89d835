/** Says who else has this draft open: what one of two saves, the other has to look at again. */
import { useBroadcastEditors } from "@/api/broadcasts";
import { useDraft } from "@/api/useDraft";
import { alsoHere } from "@/lib/others";
import { Notice } from "@/ui/Notice";
import classes from "./WizardHead.module.css";

export function OthersHere({ id }: { id: string }) {
  const { isReadOnly } = useDraft();
  const { data } = useBroadcastEditors(id, !isReadOnly);
  const names = (data?.editors ?? []).map(({ name }) => name);
  return (
    <div role="status" className={names.length > 0 && !isReadOnly ? classes["others"] : undefined}>
      {names.length > 0 && !isReadOnly && <Notice kind="info">{alsoHere(names)}</Notice>}
    </div>
  );
}
