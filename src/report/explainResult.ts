/** @file What `explain` returns, as data: the same object that `--json` prints. */
import type { Costs } from './reportResult.js';

/** An axis of a value that channels run along. */
export interface ChannelAxis {
  readonly value: string;
  readonly axis: number;
  /** Positions that each unit has there: more than one in a flattened axis, say. */
  readonly positionsPerUnit: number;
  /** True for a stored tensor, which a rewrite cuts. */
  readonly isConstant: boolean;
  /** True where a node sums over this axis of a stored tensor: the weights that read the channels. */
  readonly isSummed: boolean;
}

/** Channels that can be cut. */
export interface GroupExplanation {
  readonly name: string;
  /** Number of units: what can only be kept or removed as a whole. */
  readonly units: number;
  /** Names of all nodes whose weights give them. */
  readonly members: readonly string[];
  /** What the model saves without one unit, at the present widths. */
  readonly costPerUnit: Costs;
  /** Why the units can be cut, but not repeated; null where they can be. */
  readonly unrepeatable: string | null;
  /** Why the network cannot do without all of them; null where it can, with `--min-channels 0`. */
  readonly indispensable: string | null;
  readonly axes: readonly ChannelAxis[];
}

/** Channels of a value that must stay. */
export interface PinnedAxis {
  readonly value: string;
  readonly axis: number;
  readonly width: number;
  /** How many of them are held for this reason. */
  readonly pinned: number;
  /** The node at which the reason lies; null for graph inputs, graph outputs and patterns. */
  readonly node: string | null;
  readonly reason: string;
}

export interface ChainLink {
  readonly value: string;
  readonly axis: number;
  /** The node that ties it to the link before; null at the first one. */
  readonly through: string | null;
}

/** The channels that a node gives. */
export interface NodeChannels {
  readonly value: string;
  readonly axis: number;
  readonly width: number;
  /** The groups that they belong to and that can be cut, by name. */
  readonly groups: readonly string[];
  /** For each reason that holds some of them, how it reaches them. */
  readonly held: readonly {
    readonly pinned: number;
    readonly node: string | null;
    readonly reason: string;
    readonly chain: readonly ChainLink[];
  }[];
}

export interface NodeExplanation {
  readonly name: string;
  readonly op: string;
  readonly channels: readonly NodeChannels[];
}

/** What `explain` returns. */
export interface Explanation {
  readonly path: string;
  readonly groups: readonly GroupExplanation[];
  readonly pinned: readonly PinnedAxis[];
  /** The node that was asked for. */
  readonly node?: NodeExplanation;
}
