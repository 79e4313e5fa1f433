export const REDUCTIONS = ['mean', 'max', 'sum'] as const;
/** How what the members say of a unit becomes one number. */
export type Reduction = (typeof REDUCTIONS)[number];
