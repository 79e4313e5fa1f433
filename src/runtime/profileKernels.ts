import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type LatencyOptions, median } from './measureLatency.js';
import { Session, type Tensor } from './session.js';

/** A kernel that ONNX Runtime ran for one node of its optimized graph. */
export interface KernelTime {
  /** Name of the optimized node: that of a node or of an output of the model, with additions. */
  readonly name: string;
  /** Operator of the optimized node, e.g. `FusedConv`. */
  readonly op: string;
  /** What it took in a run, in milliseconds. */
  readonly ms: number;
}

const WARM_UPS = 3;
const SUFFIX = '_kernel_time';

/**
 * Times of all kernels of a model, as ONNX Runtime's profiler has them: means of the middle half of many runs, since it
 * counts in whole microseconds.
 *
 * @throws RUNTIME_REJECTED, RUNTIME_RUN_FAILED
 */
export async function profileKernels(
  model: Uint8Array,
  feeds: Readonly<Record<string, Tensor>>,
  { threads, providers, runs = 200, budgetMs = 500 }: LatencyOptions = {},
): Promise<readonly KernelTime[]> {
  const folder = await mkdtemp(join(tmpdir(), 'onnx-morph-'));
  try {
    const options = { label: 'the model that is timed', threads, providers, spins: true };
    const session = await Session.create(model, { ...options, profilePrefix: join(folder, 'profile') });
    try {
      for (let run = 0; run < WARM_UPS; run++) await session.run(feeds);
      const start = performance.now();
      // More than this would make the profile too large to be worth its reading.
      for (let run = 0; run < runs && (run < 10 || performance.now() - start < budgetMs); run++) {
        await session.run(feeds);
      }
      session.endProfiling();
    } finally {
      await session.release();
    }
    const [file] = await readdir(folder);
    return file === undefined ? [] : readTrace(await readFile(join(folder, file), 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

interface TraceEvent {
  readonly cat?: string;
  readonly name?: string;
  readonly dur?: number;
  readonly args?: { readonly op_name?: string };
}

/** Reads a profile: one event for each kernel of each run, in microseconds. */
export function readTrace(text: string): readonly KernelTime[] {
  const durations = new Map<string, { readonly op: string; readonly times: number[] }>();
  for (const { cat, name = '', dur = 0, args } of JSON.parse(text) as readonly TraceEvent[]) {
    if (cat !== 'Node' || !name.endsWith(SUFFIX)) continue;
    const kernel = name.slice(0, -SUFFIX.length);
    const found = durations.get(kernel) ?? { op: args?.op_name ?? '', times: [] };
    durations.set(kernel, found);
    found.times.push(dur);
  }
  return [...durations].map(([name, { op, times }]) => ({ name, op, ms: middle(times.slice(WARM_UPS)) / 1000 }));
}

/** The mean of the middle half. */
function middle(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b);
  const half = sorted.slice(Math.floor(sorted.length / 4), Math.ceil((3 * sorted.length) / 4));
  return half.length === 0 ? median(times) : half.reduce((sum, time) => sum + time, 0) / half.length;
}
