/** A name that opens the person: why in, why not. */
import { usePerson } from "@/ui/People";

export function Person({ id, children }: { id: string; children: string }) {
  const { openPerson } = usePerson();
  return (
    <button type="button" className="number-link" onClick={() => openPerson(id)} title="Why is this person in or not in?">
      {children}
    </button>
  );
}
