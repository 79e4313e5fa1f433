/** @file What `report` returns, as data: the same object that `--json` prints. */
import type { Resource } from '../cost/resource.js';

/** Costs of one run at the shapes of the report, and of the constants that it needs. */
export type Costs = Readonly<Record<Resource, number>>;

export interface TensorReport {
  readonly name: string;
  /** ONNX's name, e.g. `FLOAT`. */
  readonly elementType: string;
  readonly shape: readonly number[];
}

export interface NodeReport extends Costs {
  readonly name: string;
  /** Operator, with its domain where that is not ai.onnx. */
  readonly op: string;
  /** Shape of the first output; null where it is no tensor. */
  readonly outputShape: readonly number[] | null;
  /** Share of the model's FLOPs, 0 to 1. */
  readonly share: number;
  /** What it takes on the device that was named, in milliseconds; null where none was. */
  readonly latencyMs: number | null;
  /** False where the operator is not known: its MACs are not counted, its channels are pinned. */
  readonly isKnown: boolean;
  /** True where the data decides shapes of its outputs: they are counted as they came out for random inputs. */
  readonly isMeasured: boolean;
  /** True for constants and for nodes that only calculate shapes. */
  readonly isShapeArithmetic: boolean;
}

export interface LatencyReport {
  /** Name of the device; null where none was named. */
  readonly device: string | null;
  /** Of one run on the device, in milliseconds. */
  readonly predictedMs: number | null;
  /** Median of one run at batch 1 in ONNX Runtime on this machine, in milliseconds. */
  readonly measuredMs: number | null;
}

/** Channels that can only be kept or removed together. */
export interface GroupReport {
  /** First node (or value) that has them. */
  readonly name: string;
  readonly width: number;
  /** Names of all nodes whose weights give them. */
  readonly members: readonly string[];
  readonly prunable: boolean;
  /** Why they cannot be changed; null where they can. */
  readonly pinned: string | null;
}

export interface UnknownNode {
  readonly node: string;
  readonly op: string;
  readonly reason: string;
}

/** What `report` returns. */
export interface ModelReport {
  readonly path: string;
  readonly fileBytes: number;
  /** Version by domain. */
  readonly opsets: Readonly<Record<string, number>>;
  readonly inputs: readonly TensorReport[];
  readonly outputs: readonly TensorReport[];
  /** In topological order. */
  readonly nodes: readonly NodeReport[];
  /** Exact sums over `nodes`. */
  readonly totals: Costs;
  /** Largest sum of live values in execution order, and the node that runs then. */
  readonly peakActivationBytes: number;
  readonly peakNode: string | null;
  /** What a run takes, where a device was named, and where the model was timed. */
  readonly latency: LatencyReport;
  readonly groups: readonly GroupReport[];
  readonly unknownNodes: readonly UnknownNode[];
}
