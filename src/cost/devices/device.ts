/** A device as its data sheet tells of it: a node takes as long as the slower of computing and memory. */
export interface RooflineDevice {
  readonly kind: 'roofline';
  readonly name: string;
  /** Most operations per second, in 10⁹, of float32 unless `source` says otherwise; one multiply-add is two. */
  readonly peakGflops: number;
  /** Most bytes per second between chip and memory, in 10⁹. */
  readonly bandwidthGBps: number;
  /** Where both figures come from. */
  readonly source: string;
}

/** What nodes of one kind take: `overheadMs + msPerMflop · MFLOPs + msPerMB · MB`. */
export interface KindTime {
  readonly overheadMs: number;
  readonly msPerMflop: number;
  readonly msPerMB: number;
  /** Channels are computed in blocks of so many: widths in the FLOPs are rounded up to a multiple. */
  readonly step: number;
}

/** A machine as it was measured in ONNX Runtime. */
export interface MeasuredDevice {
  readonly kind: 'measured';
  readonly name: string;
  /** What every run takes beside its nodes. */
  readonly runMs: number;
  /** By kind of node, as `nodeKind` names them. */
  readonly kinds: Readonly<Record<string, KindTime>>;
  /** What nodes of all other kinds take. */
  readonly other: KindTime;
  /** How it was measured: with what, and when. */
  readonly runtime: string;
  readonly threads: number | null;
  readonly providers: readonly string[];
  readonly measuredAt: string;
  /** Models that were timed, and the median relative error of the fit over all their forms. */
  readonly models: readonly string[];
  readonly medianError: number;
}

export type Device = RooflineDevice | MeasuredDevice;
