import { describe, expect, it } from 'vitest';
import { CostModel } from '../../src/cost/costModel.js';
import * as make from '../../src/graph/make.js';
import { createMessage } from '../../src/onnx/createMessage.js';
import type { ModelProto } from '../../src/onnx/messages.js';
import { analyzeModel } from '../../src/pipeline/loadModel.js';
import { createRng } from '../../src/random/rng.js';

interface BenchModel {
  readonly build: (kit: unknown) => ModelProto;
  readonly sample: readonly number[];
  readonly classes: number;
  readonly macs: number;
  readonly params: number;
}

// Plain JavaScript, which the benchmark runs on the built package.
const { BENCH_MODELS } = (await import(new URL('models/benchModels.mjs', import.meta.url).href)) as {
  readonly BENCH_MODELS: Readonly<Record<string, BenchModel>>;
};
const kit = { ...make, createMessage, createRng };

describe('the models of the benchmark', () => {
  it.each(Object.entries(BENCH_MODELS))('%s has the size that it is known for', async (name, model) => {
    const { bound, analysis } = await analyzeModel(model.build(kit), undefined, name);
    const all = new Uint8Array(analysis.unitCount).fill(1);
    const figures = (['macs', 'params'] as const).map((resource) => new CostModel(analysis, resource).total(all));
    expect(figures).toEqual([model.macs, model.params]);
    const dims = [...bound.graph.inputs, ...bound.graph.outputs].map((value) => bound.typeOf(value).dims);
    expect(dims).toEqual([
      [1, ...model.sample],
      [1, model.classes],
    ]);
  });
});
