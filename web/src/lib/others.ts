/** Who else is at work on the same thing, in a sentence. */

const SHOWN = 2;

export function alsoHere(names: string[]): string {
  const shown = names.slice(0, SHOWN);
  const more = names.length - shown.length;
  const all = more > 0 ? [...shown, more === 1 ? "one other" : `${more} others`] : shown;
  const subject = all.length < 2 ? all.join("") : `${all.slice(0, -1).join(", ")} and ${all.at(-1) ?? ""}`;
  return `${subject} ${names.length === 1 ? "is" : "are"} editing this too.`;
}
