/** Values of contacts as a message compares with them. */

type Writable = string | number | boolean;

/** Not a list, and not nothing. */
export const isWritable = (value: unknown): value is Writable => typeof value === "string" || typeof value === "number" || typeof value === "boolean";

export const valueWord = (value: Writable): string => (typeof value === "boolean" ? (value ? "yes" : "no") : String(value));
