/** Choices of a field in a popover: never over what stands above it, such as the choice of what to insert. */
export const below = { withinPortal: false, position: "bottom-start", middlewares: { flip: false, shift: false } } as const;
