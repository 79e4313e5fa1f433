import { describe, expect, test } from 'vitest';
import { giveBackScratch, takeScratch } from '../../src/onnx/scratch.js';
import {
  bytesOf,
  derivedBytes,
  editedBytes,
  type StoredBytes,
  withBytes,
  withBytesAsync,
} from '../../src/onnx/storedBytes.js';

/** Bytes that count how often they are read. */
class Counted implements StoredBytes {
  reads = 0;
  readonly length = 4;

  read(target = new Uint8Array(4)): Uint8Array {
    this.reads++;
    target.set([1, 2, 3, 4]);
    return target;
  }
}

const reverse = (from: Uint8Array, to: Uint8Array) => to.set(Uint8Array.from(from).reverse());

describe('stored bytes', () => {
  test('that follow from others are made when they are asked for, into the memory that is given', () => {
    const source = new Counted();
    const derived = derivedBytes(source, 4, reverse) as StoredBytes;
    expect([source.reads, derived.length]).toEqual([0, 4]);
    const target = new Uint8Array(4);
    expect(derived.read(target)).toBe(target);
    expect([...target]).toEqual([4, 3, 2, 1]);
    expect([...bytesOf(derived)]).toEqual([4, 3, 2, 1]);
    expect(source.reads).toBe(2);
  });

  test('that follow from bytes in memory are in memory, and leave those as they are', () => {
    const source = Uint8Array.of(1, 2, 3);
    expect(derivedBytes(source, 3, reverse)).toEqual(Uint8Array.of(3, 2, 1));
    expect(editedBytes(source, (bytes) => bytes.fill(0, 1))).toEqual(Uint8Array.of(1, 0, 0));
    expect([...source]).toEqual([1, 2, 3]);
  });

  test('are edited as a copy', () => {
    const edited = editedBytes(new Counted(), (bytes) => bytes.fill(9, 2));
    expect([...bytesOf(edited)]).toEqual([1, 2, 9, 9]);
  });

  test('are looked at in memory that serves the next as well, and one within another in memory of its own', async () => {
    const seen: ArrayBufferLike[] = [];
    const look = (bytes: Uint8Array) => seen.push(bytes.buffer);
    withBytes(new Counted(), look);
    withBytes(new Counted(), (outer) => {
      look(outer);
      withBytes(new Counted(), look);
      expect([...outer]).toEqual([1, 2, 3, 4]);
    });
    await withBytesAsync(new Counted(), async (bytes) => void look(bytes));
    expect(seen[1]).toBe(seen[0]);
    expect(seen[2]).not.toBe(seen[1]);
    expect(seen.slice(0, 3)).toContain(seen[3]);
  });

  test('give their memory back where looking at them fails', () => {
    const memory: ArrayBufferLike[] = [];
    const fail = (bytes: Uint8Array) => {
      memory.push(bytes.buffer);
      throw new Error('no');
    };
    for (let i = 0; i < 2; i++) expect(() => withBytes(new Counted(), fail)).toThrow('no');
    expect(memory[1]).toBe(memory[0]);
  });
});

test('scratch is as long as asked for, and the smallest that will do', () => {
  const [large, small] = [takeScratch(1000), takeScratch(10)];
  giveBackScratch(large);
  giveBackScratch(small);
  const again = takeScratch(5);
  expect(again.length).toBe(5);
  expect(again.buffer).toBe(small.buffer);
  expect(takeScratch(600).buffer).toBe(large.buffer);
});
