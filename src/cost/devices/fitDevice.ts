import type { KindTime } from './device.js';
import { nonNegativeFit, type Sample } from './nonNegativeFit.js';

/** Blocks of channels that kernels work on. */
export const STEPS = [1, 2, 4, 8, 16, 32] as const;
/** What blocks must explain, of what is left without them, before they are taken for real. */
const WORTH = 0.9;

/** A node as it was timed. */
export interface TimedWork {
  readonly kind: string;
  /** Operations in millions, with channels rounded up to each of `STEPS`. */
  readonly mflops: readonly number[];
  readonly mb: number;
  readonly ms: number;
}

/** A whole run as it was timed. */
export interface TimedRun {
  readonly nodes: readonly TimedWork[];
  readonly ms: number;
}

export interface FittedTimes {
  readonly runMs: number;
  readonly kinds: Readonly<Record<string, KindTime>>;
  readonly other: KindTime;
}

/**
 * Finds what nodes of each kind take, by least squares without negative parts, and then what a run takes beside its
 * nodes: whole runs are longer than the sum of their kernels, by moves between layouts and by what each call costs.
 */
export function fitDevice(runs: readonly TimedRun[]): FittedTimes {
  const byKind = new Map<string, TimedWork[]>();
  for (const node of runs.flatMap(({ nodes }) => nodes)) {
    const list = byKind.get(node.kind);
    if (list === undefined) byKind.set(node.kind, [node]);
    else list.push(node);
  }
  const kinds = [...byKind].map(([kind, works]) => [kind, fitKind(works)] as const);
  const plain = [...byKind.values()].flat().filter(({ mflops, ms }) => mflops[0] === 0 && ms > 0);
  const other = fitKind(plain);
  const times = new Map(kinds);
  const predicted = ({ nodes }: TimedRun) => nodes.reduce((sum, node) => sum + timeOf(times.get(node.kind)!, node), 0);
  // Nodes that are computed along with others cost nothing to start.
  const started = ({ nodes }: TimedRun) => nodes.reduce((count, { ms }) => (ms > 0 ? count + 1 : count), 0);
  const beside = nonNegativeFit(
    runs.map((run) => ({ features: [1, predicted(run), started(run)], result: run.ms, weight: 1 / run.ms ** 2 })),
  );
  const [runMs = 0, scale = 1, perNode = 0] = beside.coefficients;
  const whole = (time: KindTime): KindTime => {
    const isFree = time.overheadMs === 0 && time.msPerMflop === 0 && time.msPerMB === 0;
    return {
      overheadMs: rounded(isFree ? 0 : scale * time.overheadMs + perNode),
      msPerMflop: rounded(scale * time.msPerMflop),
      msPerMB: rounded(scale * time.msPerMB),
      step: time.step,
    };
  };
  return {
    runMs: rounded(runMs),
    kinds: Object.fromEntries(kinds.map(([kind, time]) => [kind, whole(time)])),
    other: whole(other),
  };
}

/** What nodes of one kind take. */
export function fitKind(works: readonly TimedWork[]): KindTime {
  const longest = works.reduce((most, { ms }) => Math.max(most, ms), 0);
  if (longest === 0) return { overheadMs: 0, msPerMflop: 0, msPerMB: 0, step: 1 };
  const fits = STEPS.map((step, s) => {
    const samples = works.map(
      ({ mflops, mb, ms }): Sample => ({
        features: [1, mflops[s]!, mb],
        result: ms,
        // Relative differences count, but those of the shortest are noise.
        weight: 1 / (ms + 0.02 * longest + 0.001) ** 2,
      }),
    );
    return { step, ...nonNegativeFit(samples) };
  });
  const plain = fits[0]!;
  const best = fits.reduce((least, fit) => (fit.residual < least.residual ? fit : least));
  const { coefficients, step } = best.residual < WORTH * plain.residual ? best : plain;
  const [overheadMs = 0, msPerMflop = 0, msPerMB = 0] = coefficients;
  return { overheadMs, msPerMflop, msPerMB, step: msPerMflop === 0 ? 1 : step };
}

function timeOf({ overheadMs, msPerMflop, msPerMB, step }: KindTime, { mflops, mb }: TimedWork): number {
  return overheadMs + msPerMflop * mflops[STEPS.indexOf(step as 1)]! + msPerMB * mb;
}

/** Six digits: no more was measured. */
function rounded(value: number): number {
  return Number(value.toPrecision(6));
}
