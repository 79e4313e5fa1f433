/**
 * @file The thread in which a data module lives, so that it makes the next batch while a training step runs. Plain
 * JavaScript, for tests run it as it stands. `ModuleThread` asks, one request at a time:
 *
 * - `{ id, op: 'import', url }`: the default export of a module
 * - `{ id, op: 'call', target, self, args }`: what a function returns
 * - `{ id, op: 'next' | 'return', target }`: a step of what can be iterated
 *
 * and gets `{ id, value }` or `{ id, error }`. Functions and iterables stay here: what is sent is a number for each.
 */
import { parentPort } from 'node:worker_threads';

/** Functions and objects by number. */
const held = new Map();
const iterators = new Map();

parentPort.on('message', async ({ id, ...request }) => {
  try {
    parentPort.postMessage({ id, value: await answer(request) });
  } catch (error) {
    parentPort.postMessage({ id, error: describeError(error) });
  }
});

async function answer({ op, url, target, self, args }) {
  switch (op) {
    case 'import':
      return describe(defaultOf(await import(url)));
    case 'call':
      return describe(await held.get(target).apply(held.get(self), args));
    case 'next': {
      const { done, value } = await iteratorOf(target).next();
      if (done === true) forget(target);
      return done === true ? { done } : { done: false, value: shareBatch(value) };
    }
    case 'return': {
      const iterator = iterators.get(target);
      forget(target);
      await iterator?.return?.();
    }
  }
}

/** An ES module that was compiled to CommonJS keeps its default export as a property. */
function defaultOf({ default: exported }) {
  const isCompiled = isObject(exported) && '__esModule' in exported;
  return isCompiled && 'default' in exported ? exported.default : exported;
}

function hold(value) {
  const number = held.size === 0 ? 1 : Math.max(...held.keys()) + 1;
  held.set(number, value);
  return number;
}

function iteratorOf(target) {
  let iterator = iterators.get(target);
  if (iterator === undefined) {
    const iterable = held.get(target);
    iterator = iterable[Symbol.asyncIterator]?.() ?? iterable[Symbol.iterator]();
    iterators.set(target, iterator);
  }
  return iterator;
}

function forget(target) {
  held.delete(target);
  iterators.delete(target);
}

/** What a module exports, or what a function of it returns. */
function describe(value) {
  if (typeof value === 'function') return { kind: 'function', target: hold(value) };
  if (!isObject(value)) return plain(value);
  if (Symbol.asyncIterator in value || Symbol.iterator in value) return { kind: 'iterable', target: hold(value) };
  const { train, test, trainBatches } = value;
  const properties = {
    train: describeProperty(train),
    test: describeProperty(test),
    trainBatches: plain(trainBatches),
  };
  return { kind: 'object', target: hold(value), properties };
}

function describeProperty(value) {
  return typeof value === 'function' ? describe(value) : plain(value);
}

/** A value without content where it is more than a number or a text: only messages tell what it is. */
function plain(value) {
  const isSent = !isObject(value) && typeof value !== 'function' && typeof value !== 'symbol';
  return isSent ? { kind: 'value', value } : { kind: 'other', name: nameOf(value) };
}

function nameOf(value) {
  return isObject(value) ? (value.constructor?.name ?? 'object') : typeof value;
}

function shareBatch(batch) {
  if (!isObject(batch)) return plain(batch);
  return { kind: 'batch', x: shareArray(batch.x), y: shareArray(batch.y) };
}

function shareArray(array) {
  if (!isObject(array)) return plain(array);
  const { data, shape } = array;
  return {
    kind: 'array',
    data:
      ArrayBuffer.isView(data) && !(data instanceof DataView) ? { kind: 'value', value: shared(data) } : plain(data),
    shape: Array.isArray(shape) ? { kind: 'value', value: shape.map(Number) } : plain(shape),
  };
}

const tagOf = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Int8Array.prototype), Symbol.toStringTag).get;

/** A copy that both threads see: the module may fill its own array anew. */
function shared(data) {
  const Kind = globalThis[tagOf.call(data)]; // of a Buffer: Uint8Array
  const copy = new Kind(new SharedArrayBuffer(data.byteLength));
  copy.set(data);
  return copy;
}

function describeError(error) {
  if (!(error instanceof Error)) return { thrown: String(error) };
  const { name, message, stack, code } = error;
  return { name, message, stack, ...(code === undefined ? {} : { code }) };
}

function isObject(value) {
  return typeof value === 'object' && value !== null;
}
