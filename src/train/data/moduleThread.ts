import { Worker } from 'node:worker_threads';

/** What the thread sends instead of a value (see moduleWorker.js). */
type Description =
  | { readonly kind: 'function' | 'iterable'; readonly target: number }
  | { readonly kind: 'object'; readonly target: number; readonly properties: Readonly<Record<string, Description>> }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'other'; readonly name: string }
  | { readonly kind: 'batch'; readonly x: Description; readonly y: Description }
  | { readonly kind: 'array'; readonly data: Description; readonly shape: Description };

type Step = { readonly done: true } | { readonly done: false; readonly value: Description };

interface Reply {
  readonly id: number;
  readonly value?: unknown;
  readonly error?: { readonly thrown: string } | Pick<Error, 'name' | 'message' | 'stack'>;
}

const ERRORS = [Error, EvalError, RangeError, ReferenceError, SyntaxError, TypeError, URIError] as const;

interface Waiting {
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * A thread of its own for a data module: what the module exports stands here as functions and iterables that do their
 * work there. It keeps the process alive only while it is waited for.
 */
export class ModuleThread {
  private readonly worker = new Worker(new URL('./moduleWorker.js', import.meta.url));
  private readonly waiting = new Map<number, Waiting>();
  private count = 0;
  private ended: Error | undefined;

  constructor() {
    this.worker.unref();
    this.worker.on('message', ({ id, value, error }: Reply) => {
      const request = this.waiting.get(id);
      this.settle(id);
      if (error === undefined) request?.resolve(value);
      else request?.reject(revivedError(error));
    });
    this.worker.on('error', (error) => this.end(error));
    this.worker.on('exit', () => this.end(new Error('its thread has ended')));
  }

  /** The default export of a module. @throws what the import throws */
  async import(url: string): Promise<unknown> {
    return this.revive((await this.ask({ op: 'import', url })) as Description);
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }

  private ask(request: Readonly<Record<string, unknown>>): Promise<unknown> {
    if (this.ended !== undefined) return Promise.reject(this.ended);
    const id = this.count++;
    return new Promise((resolve, reject) => {
      if (this.waiting.size === 0) this.worker.ref();
      this.waiting.set(id, { resolve, reject });
      this.worker.postMessage({ id, ...request });
    });
  }

  private settle(id: number): void {
    this.waiting.delete(id);
    if (this.waiting.size === 0) this.worker.unref();
  }

  private end(reason: Error): void {
    this.ended ??= reason;
    for (const [id, { reject }] of this.waiting) {
      this.settle(id);
      reject(this.ended);
    }
  }

  private revive(description: Description, self?: number): unknown {
    switch (description.kind) {
      case 'value':
        return description.value;
      case 'other':
        return Object.create({ constructor: { name: description.name } });
      case 'function': {
        const { target } = description;
        return async (...args: readonly unknown[]) =>
          this.revive((await this.ask({ op: 'call', target, self, args })) as Description);
      }
      case 'iterable':
        return { [Symbol.asyncIterator]: () => this.iterate(description.target) };
      case 'object': {
        const { target, properties } = description;
        const revived = Object.entries(properties).map(([name, property]) => [name, this.revive(property, target)]);
        return Object.fromEntries(revived);
      }
      case 'batch':
        return { x: this.revive(description.x), y: this.revive(description.y) };
      case 'array':
        return { data: this.revive(description.data), shape: this.revive(description.shape) };
    }
  }

  private iterate(target: number): AsyncIterator<unknown, undefined> {
    return {
      next: async () => {
        const step = (await this.ask({ op: 'next', target })) as Step;
        return step.done ? { done: true, value: undefined } : { done: false, value: this.revive(step.value) };
      },
      return: async () => {
        await this.ask({ op: 'return', target });
        return { done: true, value: undefined };
      },
    };
  }
}

/** An error of the thread; what was thrown there and is no Error comes as its text. */
function revivedError(error: NonNullable<Reply['error']>): unknown {
  if ('thrown' in error) return error.thrown;
  const Kind = ERRORS.find(({ name }) => name === error.name) ?? Error;
  return Object.assign(new Kind(error.message), error);
}
