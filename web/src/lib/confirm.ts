/** Large numbers are typed before what cannot be undone happens. */

const TYPE_NUMBER_ABOVE = 1_000;

export const mustType = (messages: number): boolean => messages > TYPE_NUMBER_ABOVE;

/** "12,408", "12.408" and "12 408" are the same number. */
export const isTyped = (typed: string, messages: number): boolean => typed.replaceAll(/[\s,.]/g, "") === String(messages);
