import { describe, expect, it } from 'vitest';
import { parseBudget, parseBudgets } from '../../src/cli/parseBudget.js';
import { parseInputShape } from '../../src/cli/parseInputShape.js';
import { numberIn } from '../../src/cli/parseNumber.js';
import { MorphError } from '../../src/errors/morphError.js';

function codeOf(action: () => unknown): string {
  try {
    action();
  } catch (error) {
    if (error instanceof MorphError) return error.code;
    throw error;
  }
  return 'nothing was thrown';
}

const target = (text: string) => parseBudget('--target', text, { allowsMoreThanAll: false });

describe('parseBudget', () => {
  it.each([
    ['flops=50%', { resource: 'flops', share: 0.5 }],
    ['macs=12.5%', { resource: 'macs', share: 0.125 }],
    ['params=100%', { resource: 'params', share: 1 }],
    ['FLOPs=50%', { resource: 'flops', share: 0.5 }],
    [' flops=.5% ', { resource: 'flops', share: 0.005 }],
    ['params=800k', { resource: 'params', amount: 800_000 }],
    ['params=800K', { resource: 'params', amount: 800_000 }],
    ['macs=30M', { resource: 'macs', amount: 30_000_000 }],
    ['flops=1.2G', { resource: 'flops', amount: 1_200_000_000 }],
    ['flops=1.1G', { resource: 'flops', amount: 1_100_000_000 }],
    ['flops=2T', { resource: 'flops', amount: 2_000_000_000_000 }],
    ['weight-bytes=1.5MB', { resource: 'weightBytes', amount: 1_500_000 }],
    ['activation-bytes=500KiB', { resource: 'activationBytes', amount: 512_000 }],
    ['peak-activation-bytes=2GiB', { resource: 'peakActivationBytes', amount: 2 ** 31 }],
    ['Peak-Activation-Bytes=40%', { resource: 'peakActivationBytes', share: 0.4 }],
    ['latency=3ms', { resource: 'latencyMs', amount: 3 }],
    ['latency=.25ms', { resource: 'latencyMs', amount: 0.25 }],
    ['latency=250us', { resource: 'latencyMs', amount: 0.25 }],
    ['latency=1.5s', { resource: 'latencyMs', amount: 1500 }],
    ['params=1234', { resource: 'params', amount: 1234 }],
  ])('reads %s', (text, budget) => expect(target(text)).toEqual(budget));

  it.each([
    ['', 'TARGET_MALFORMED'],
    ['flops', 'TARGET_MALFORMED'],
    ['flops=', 'TARGET_MALFORMED'],
    ['50%', 'TARGET_MALFORMED'],
    ['flops=half', 'TARGET_MALFORMED'],
    ['flops=30m', 'TARGET_UNIT'],
    ['flops=1e6', 'TARGET_MALFORMED'],
    ['flops=50%%', 'TARGET_MALFORMED'],
    ['flops=50 %', 'TARGET_MALFORMED'],
    ['flops=NaN%', 'TARGET_MALFORMED'],
    ['flops=50%,params=3M', 'TARGET_MALFORMED'],
    ['watts=5', 'TARGET_UNKNOWN_RESOURCE'],
    ['latencyMs=5', 'TARGET_UNKNOWN_RESOURCE'],
    ['latency=5', 'TARGET_UNIT'],
    ['latency=5M', 'TARGET_UNIT'],
    ['latency=0ms', 'TARGET_OUT_OF_RANGE'],
    ['flops=5MB', 'TARGET_UNIT'],
    ['weight-bytes=5M', 'TARGET_UNIT'],
    ['params=5constructor', 'TARGET_UNIT'],
    ['constructor=5', 'TARGET_UNKNOWN_RESOURCE'],
    ['flops=0%', 'TARGET_OUT_OF_RANGE'],
    ['flops=-5%', 'TARGET_OUT_OF_RANGE'],
    ['flops=100.1%', 'TARGET_OUT_OF_RANGE'],
    ['flops=0', 'TARGET_OUT_OF_RANGE'],
    ['flops=-3M', 'TARGET_OUT_OF_RANGE'],
    ['flops=0.3', 'TARGET_OUT_OF_RANGE'],
  ])('refuses %j: %s', (text, code) => expect(codeOf(() => target(text))).toBe(code));

  it('lets a model be widened beyond what it was', () => {
    expect(parseBudget('--to', 'flops=150%', { allowsMoreThanAll: true })).toEqual({ resource: 'flops', share: 1.5 });
    expect(codeOf(() => parseBudget('--to', 'flops=0%', { allowsMoreThanAll: true }))).toBe('TARGET_OUT_OF_RANGE');
  });
});

describe('parseBudgets', () => {
  const targets = parseBudgets('--target', { allowsMoreThanAll: false });

  it('adds to what was given before', () => {
    expect(targets('params=40%', targets('flops=50%'))).toEqual([
      { resource: 'flops', share: 0.5 },
      { resource: 'params', share: 0.4 },
    ]);
  });

  it('refuses a resource twice', () => {
    expect(codeOf(() => targets('flops=1M', targets('flops=50%')))).toBe('TARGET_TWICE');
  });
});

describe('parseInputShape', () => {
  it('adds to what was given before', () => {
    const one = parseInputShape('x=1x3x224x224');
    expect(parseInputShape('mask=1', one)).toEqual({ x: [1, 3, 224, 224], mask: [1] });
    expect(one).toEqual({ x: [1, 3, 224, 224] });
  });

  it('takes names with =, : and names of prototypes', () => {
    expect(parseInputShape('a=b:0=2x3')).toEqual({ 'a=b:0': [2, 3] });
    expect(Object.entries(parseInputShape('__proto__=2x3', { x: [1] }))).toEqual([
      ['x', [1]],
      ['__proto__', [2, 3]],
    ]);
    expect(parseInputShape('constructor=2')).toEqual({ constructor: [2] });
  });

  it.each([
    '',
    'x',
    'x=',
    '=1x3',
    '1x3',
    'x=1,3',
    'x=0x3',
    'x=1x-3',
    'x=1x',
    'x=1xN',
    'x=1.5',
    'x=99999999999999999999',
  ])('refuses %j', (text) => expect(codeOf(() => parseInputShape(text))).toBe('CLI_INPUT_SHAPE'));

  it('refuses an input twice', () => {
    expect(codeOf(() => parseInputShape('x=1x4', { x: [1, 3] }))).toBe('CLI_INPUT_TWICE');
  });
});

describe('numberIn', () => {
  const count = numberIn('--epochs', { isInteger: true, atLeast: 0 });
  const rate = numberIn('--learning-rate', { above: 0 });
  const momentum = numberIn('--momentum', { atLeast: 0, below: 1 });

  it('reads numbers in range', () => {
    expect([count('0'), count(' 20 '), count('1e3'), rate('.02'), rate('5e-4'), momentum('0'), momentum('0.999')]) //
      .toEqual([0, 20, 1000, 0.02, 5e-4, 0, 0.999]);
  });

  it.each([
    [count, ''],
    [count, '1.5'],
    [count, '-1'],
    [count, '0x10'],
    [count, '1e400'],
    [count, 'Infinity'],
    [rate, '0'],
    [rate, 'NaN'],
    [momentum, '1'],
    [momentum, '-0.1'],
  ])('refuses what is not (%#: %j)', (parse, text) => expect(codeOf(() => parse(text))).toBe('CLI_NOT_NUMBER'));

  it('says what the range is', () => {
    expect(() => momentum('2')).toThrow('--momentum: cannot take "2"; give a number of at least 0 and below 1');
  });
});
