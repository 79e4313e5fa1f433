import { describe, expect, test } from 'vitest';
import { allOps } from '../../src/ops/allOps.js';
import { makeRegistry } from '../../src/ops/registry.js';

const relu = allOps.find('', 'Relu', 17)!;

describe('the registry', () => {
  test('finds a record by operator and opset', () => {
    expect(allOps.find('', 'Clip', 10)?.since).toBe(6);
    expect(allOps.find('', 'Clip', 11)?.since).toBe(11);
    expect(allOps.find('', 'Clip', 5)).toBeUndefined();
    expect(allOps.find('com.microsoft', 'Clip', 11)).toBeUndefined();
    expect(allOps.find('', 'Nothing', 17)).toBeUndefined();
  });

  test('refuses two records for one operator and opset', () => {
    const overlap = () =>
      makeRegistry([
        { ...relu, until: 13 },
        { ...relu, since: 13 },
      ]);
    expect(overlap).toThrow('two records of :Relu are valid at opset 13');
    expect(() =>
      makeRegistry([
        { ...relu, until: 12 },
        { ...relu, since: 13 },
      ]),
    ).not.toThrow();
  });

  test('refuses a list that is not sorted', () => {
    const add = allOps.find('', 'Add', 17)!;
    expect(() => makeRegistry([relu, add])).toThrow('the record :Add:007 stands after :Relu:001: keep the list sorted');
  });
});
