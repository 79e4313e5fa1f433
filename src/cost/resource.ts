/** What a model pays with; the unit is part of the name. FLOPs = 2 · MACs. */
export const RESOURCES = ['flops', 'macs', 'params', 'weightBytes', 'activationBytes'] as const;
export type Resource = (typeof RESOURCES)[number];
