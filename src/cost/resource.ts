/** What a model pays with, as sums over its nodes; the unit is part of the name. FLOPs = 2 · MACs. */
export const RESOURCES = ['flops', 'macs', 'params', 'weightBytes', 'activationBytes'] as const;
export type Resource = (typeof RESOURCES)[number];

/** All that can be limited. */
export const TARGET_RESOURCES = [...RESOURCES, 'peakActivationBytes', 'latencyMs'] as const;
export type TargetResource = (typeof TARGET_RESOURCES)[number];

/** What the command line and messages call them: the unit stands with the number there. */
export const RESOURCE_NAMES: Readonly<Record<TargetResource, string>> = {
  flops: 'flops',
  macs: 'macs',
  params: 'params',
  weightBytes: 'weight-bytes',
  activationBytes: 'activation-bytes',
  peakActivationBytes: 'peak-activation-bytes',
  latencyMs: 'latency',
};
