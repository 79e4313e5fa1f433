export const IMPORTANCES = ['l1', 'l2', 'bn', 'lamp', 'fpgm', 'random'] as const;
/** What a unit's worth is read from. */
export type Importance = (typeof IMPORTANCES)[number];
