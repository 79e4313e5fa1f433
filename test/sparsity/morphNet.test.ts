/**
 * @file MorphNet's formulas, worked out by hand: an operator that reads a_in live channels and gives a_out costs
 * c · a_in · a_out, and its regularisation is c · (a_in · r_out + a_out · r_in), with r the sum of the norms. The gammas
 * are set by hand; zero is dead. The dearest channel of each group pays nothing here, so that no group dies.
 *
 * @see Gordon et al., MorphNet, CVPR 2018, equations 4 to 6
 */
import { describe, expect, test } from 'vitest';
import type { Cost } from '../../src/cost/cost.js';
import type { Device } from '../../src/cost/devices/device.js';
import type { TargetResource } from '../../src/cost/resource.js';
import { makeFloats } from '../../src/graph/make.js';
import type { NodeProto } from '../../src/onnx/messages.js';
import { costOf } from '../../src/pipeline/targets.js';
import { penaltyLayout } from '../../src/sparsity/penaltyLayout.js';
import { ProximalStep } from '../../src/sparsity/proximalStep.js';
import { UnitPrices } from '../../src/sparsity/unitPrices.js';
import { TrainableModel } from '../../src/train/trainableModel.js';
import { analyze } from '../support/analyze.js';
import { cpuEngine } from '../support/cpuEngine.js';
import { modelOf, node, positive, type WeightSketch } from '../support/modelOf.js';

/** Live channels of each layer and the sums of their norms. */
type Layers = Readonly<Record<string, { readonly a: number; readonly r: number }>>;

/** What a resource costs, and its regularisation, from live channels and norms. */
type Formula = (layers: Layers) => { readonly cost: number; readonly regularisation: number };

/** An operator without channels of its own: c · a. */
const linear = (c: number, { a, r }: Layers[string]) => ({ cost: c * a, regularisation: c * r });
/** c · a_in · a_out. */
const bilinear = (c: number, i: Layers[string], o: Layers[string]) => ({
  cost: c * i.a * o.a,
  regularisation: c * (i.a * o.r + o.a * i.r),
});
const sum = (...terms: readonly { readonly cost: number; readonly regularisation: number }[]) => ({
  cost: terms.reduce((total, { cost }) => total + cost, 0),
  regularisation: terms.reduce((total, { regularisation }) => total + regularisation, 0),
});
/** What never changes: inputs and outputs. */
const fixed = (width: number) => ({ a: width, r: 0 });

const PIXELS = 16;
const PLANE = 4 * PIXELS;

/** A convolution k × k from one value to another of 4 × 4 pixels. */
const conv = (x: string, y: string, k = 1): NodeProto =>
  node('Conv', [x, `${y}.w`], y, { kernel_shape: [k, k], pads: [k >> 1, k >> 1, k >> 1, k >> 1] });
const norm = (x: string): NodeProto =>
  node('BatchNormalization', [x, `${x}.gamma`, `${x}.beta`, `${x}.mean`, `${x}.var`], `${x}n`);

interface Net {
  readonly nodes: readonly NodeProto[];
  /** Shapes of filters by convolution. */
  readonly filters: Readonly<Record<string, readonly number[]>>;
  readonly gammas: Readonly<Record<string, readonly number[]>>;
}

async function setUp({ nodes, filters, gammas }: Net) {
  const weights: Record<string, WeightSketch> = {};
  for (const [name, shape] of Object.entries(filters)) weights[`${name}.w`] = shape;
  for (const [name, gamma] of Object.entries(gammas)) {
    weights[`${name}.gamma`] = makeFloats(`${name}.gamma`, gamma);
    for (const part of ['beta', 'mean']) weights[`${name}.${part}`] = [gamma.length];
    weights[`${name}.var`] = positive([gamma.length]);
  }
  const analysis = await analyze(modelOf({ inputs: { x: ['N', 3, 4, 4] }, outputs: ['y'], nodes, weights }));
  const layout = penaltyLayout(analysis, 'gamma');
  const engine = await cpuEngine();
  const step = new ProximalStep(engine, layout, new TrainableModel(engine, analysis.model).parameters);
  const norms = Float64Array.from((await step.look()).norms);
  return { analysis, layout, norms };
}

/** Compares with what is said by hand: the cost, the whole regularisation, and that of all but the dearest channels. */
function check(
  { layout, norms }: Awaited<ReturnType<typeof setUp>>,
  cost: Cost,
  formula: Formula,
  layers: Layers,
  dearest: Layers,
) {
  const { unitCount } = cost.units.analysis;
  const copies = new Uint8Array(unitCount).fill(1);
  layout.units.forEach((unit, u) => {
    if (norms[u] === 0) copies[unit] = 0;
  });
  const by = formula(layers);
  expect(cost.total(copies) / by.cost).toBeCloseTo(1, 7);
  const limit = 0.999 * by.cost;
  const marginal = cost.marginal(cost.units.at(copies), limit);
  const paid = layout.units.reduce((total, unit, u) => total + marginal[unit]! * norms[u]!, 0);
  expect(paid / by.regularisation).toBeCloseTo(1, 6);
  const units = new UnitPrices([{ cost, limit }], layout);
  units.observe(norms);
  expect(units.worst.aliveCost / by.cost).toBeCloseTo(1, 7);
  const whole = cost.total(new Uint8Array(unitCount).fill(1));
  expect((units.penalty(norms) * whole) / formula(dearest).regularisation).toBeCloseTo(1, 6);
}

const roofline = (peakGflops: number, bandwidthGBps: number): Device => ({
  ...{ kind: 'roofline', name: 'test', source: 'by hand' },
  ...{ peakGflops, bandwidthGBps },
});

describe('two convolutions in a row', () => {
  const net: Net = {
    nodes: [conv('x', 'p', 3), norm('p'), node('Relu', ['pn'], 'pr'), conv('pr', 'q'), norm('q'), conv('qn', 'y')],
    filters: { p: [8, 3, 3, 3], q: [6, 8, 1, 1], y: [2, 6, 1, 1] },
    gammas: { p: [0.5, 0, -2, 0, 1, 0.25, 0, 1], q: [1, 0, 0, 3, 0.5, 0] },
  };
  const layers = { p: { a: 5, r: 4.75 }, q: { a: 3, r: 4.5 } };
  const dearest = { p: { a: 5, r: 2.75 }, q: { a: 3, r: 1.5 } };
  const [x, y] = [fixed(3), fixed(2)];
  /** c_p · 3 · a_p + c_q · a_p · a_q + c_y · a_q · 2 of the filters. */
  const products =
    (perTap: number): Formula =>
    ({ p, q }) =>
      sum(bilinear(9 * perTap, x, p!), bilinear(perTap, p!, q!), bilinear(perTap, q!, y));

  const formulas: Readonly<Partial<Record<TargetResource, Formula>>> = {
    macs: products(PIXELS),
    flops: products(2 * PIXELS),
    // Gains and shifts are parameters, means and variances are stored as well.
    params: (l) => sum(products(1)(l), linear(2, l.p!), linear(2, l.q!)),
    weightBytes: (l) => sum(products(4)(l), linear(4 * 4, l.p!), linear(4 * 4, l.q!)),
    // The convolution, the norm and the Relu; the convolution and the norm; y.
    activationBytes: (l) => sum(linear(3 * PLANE, l.p!), linear(2 * PLANE, l.q!), linear(PLANE, y)),
    // What the first norm reads and gives is most: 10 planes, as at the Relu; 8 are alive at the convolutions.
    peakActivationBytes: (l) => linear(2 * PLANE, l.p!),
  };

  test.each(Object.entries(formulas))('%s', async (resource, formula) => {
    const made = await setUp(net);
    check(made, costOf(made.analysis, resource as TargetResource), formula, layers, dearest);
  });

  test('latency, where computing takes longer: FLOPs over the peak', async () => {
    const made = await setUp(net);
    const flops: Formula = (l) => {
      const { cost, regularisation } = products(2 * PIXELS)(l);
      return { cost: cost / 1e6, regularisation: regularisation / 1e6 };
    };
    // The norms and the Relu compute nothing, and take next to nothing.
    check(made, costOf(made.analysis, 'latencyMs', roofline(1, 1e12)), flops, layers, dearest);
  });

  test('latency, where memory takes longer: bytes over the bandwidth', async () => {
    const made = await setUp(net);
    const bytes: Formula = (l) => {
      const { cost, regularisation } = sum(
        // Inputs, outputs and filters of the convolutions.
        ...[linear(PLANE, x), bilinear(4 * 9, x, l.p!), linear(PLANE, l.p!)],
        ...[linear(PLANE, l.p!), bilinear(4, l.p!, l.q!), linear(PLANE, l.q!)],
        ...[linear(PLANE, l.q!), bilinear(4, l.q!, y), linear(PLANE, y)],
        // Two norms and a Relu read and write.
        ...[linear(4 * PLANE, l.p!), linear(2 * PLANE, l.q!)],
      );
      return { cost: cost / 1e6, regularisation: regularisation / 1e6 };
    };
    check(made, costOf(made.analysis, 'latencyMs', roofline(1e12, 1)), bytes, layers, dearest);
  });
});

describe('a residual block: its input and its output live and die together', () => {
  const net: Net = {
    nodes: [
      ...[conv('x', 's'), norm('s'), conv('sn', 'm', 3), norm('m'), conv('mn', 'b'), norm('b')],
      ...[node('Add', ['sn', 'bn'], 'sum'), conv('sum', 'y')],
    ],
    filters: { s: [4, 3, 1, 1], m: [5, 4, 3, 3], b: [4, 5, 1, 1], y: [2, 4, 1, 1] },
    gammas: { s: [3, 0, 0, 1], b: [4, 0, 2, 1], m: [0, 1, 0.5, 0, 2] },
  };
  // The norm of a channel is the root of the mean square of its gammas; it lives where one of them does.
  const shared = [Math.sqrt((9 + 16) / 2), 0, Math.sqrt(4 / 2), 1];
  const whole = shared.reduce((total, value) => total + value);
  const layers = { s: { a: 3, r: whole }, m: { a: 3, r: 3.5 } };
  const dearest = { s: { a: 3, r: whole - shared[0]! }, m: { a: 3, r: 1.5 } };
  const products =
    (perTap: number): Formula =>
    ({ s, m }) =>
      sum(
        ...[bilinear(perTap, fixed(3), s!), bilinear(9 * perTap, s!, m!)],
        ...[bilinear(perTap, m!, s!), bilinear(perTap, s!, fixed(2))],
      );

  test.each<readonly [TargetResource, Formula]>([
    ['macs', products(PIXELS)],
    ['flops', products(2 * PIXELS)],
    ['params', (l) => sum(products(1)(l), linear(2 * 2, l.s!), linear(2, l.m!))],
    // s and its norm, b and its norm, the sum; m and its norm; y.
    ['activationBytes', (l) => sum(linear(5 * PLANE, l.s!), linear(2 * PLANE, l.m!), linear(PLANE, fixed(2)))],
  ])('%s', async (resource, formula) => {
    const made = await setUp(net);
    check(made, costOf(made.analysis, resource), formula, layers, dearest);
  });
});

describe('a Concat: its reader pays for the channels of both', () => {
  const net: Net = {
    nodes: [
      ...[conv('x', 'p'), norm('p'), conv('x', 'q', 3), norm('q'), node('Concat', ['pn', 'qn'], 'both', { axis: 1 })],
      ...[conv('both', 'o'), norm('o'), conv('on', 'y')],
    ],
    filters: { p: [3, 3, 1, 1], q: [5, 3, 3, 3], o: [4, 8, 1, 1], y: [2, 4, 1, 1] },
    gammas: { p: [1, 0, 4], q: [0, 0.5, 0.25, 0, 2], o: [1, 1.5, 0, 0.5] },
  };
  const layers = { p: { a: 2, r: 5 }, q: { a: 3, r: 2.75 }, o: { a: 3, r: 3 } };
  const dearest = { p: { a: 2, r: 1 }, q: { a: 3, r: 0.75 }, o: { a: 3, r: 1.5 } };
  const products =
    (perTap: number): Formula =>
    ({ p, q, o }) => {
      const both = { a: p!.a + q!.a, r: p!.r + q!.r };
      return sum(
        ...[bilinear(perTap, fixed(3), p!), bilinear(9 * perTap, fixed(3), q!)],
        ...[bilinear(perTap, both, o!), bilinear(perTap, o!, fixed(2))],
      );
    };

  test.each<readonly [TargetResource, Formula]>([
    ['macs', products(PIXELS)],
    ['flops', products(2 * PIXELS)],
    ['params', (l) => sum(products(1)(l), linear(2, l.p!), linear(2, l.q!), linear(2, l.o!))],
    [
      'activationBytes',
      (l) => sum(linear(3 * PLANE, l.p!), linear(3 * PLANE, l.q!), linear(2 * PLANE, l.o!), linear(PLANE, fixed(2))),
    ],
    // Both norms are there while they are joined.
    ['peakActivationBytes', (l) => sum(linear(2 * PLANE, l.p!), linear(2 * PLANE, l.q!))],
  ])('%s', async (resource, formula) => {
    const made = await setUp(net);
    check(made, costOf(made.analysis, resource), formula, layers, dearest);
  });
});
