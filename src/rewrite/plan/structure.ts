/** @file What is left of a network, by names: the file that `--structure-out` writes and `--structure` reads. */

/** One group of channels. */
export interface StructureGroup {
  /** First node that gives the channels, and all of them. */
  readonly name: string;
  readonly members: readonly string[];
  /** Channels of the original. */
  readonly width: number;
  /** Channels that are left. */
  readonly alive: number;
  /** Which ones, from 0, by rising number. */
  readonly kept: readonly number[];
}

export interface Structure {
  readonly version: 1;
  /** All groups that can change. */
  readonly groups: readonly StructureGroup[];
}
