/** @file A model's file without its weights: they stay on the disk until somebody asks for them. */
import { fstatSync } from 'node:fs';
import { readFully } from './readFully.js';
import type { StoredBytes } from './storedBytes.js';
import { type FileSpan as Span, STORED_FROM_BYTES, storedIn } from './storedIn.js';

const PAGE_BYTES = 2 ** 16;

/** Numbers of the fields that lead to the weights: ModelProto.graph, GraphProto.initializer, TensorProto.raw_data. */
const PATH_TO_WEIGHTS = [7, 5, 9] as const;

/** A file's bytes, with zeros where large payloads stand. */
export interface SparseFile {
  /** As long as the file; pages that were not read take no memory. */
  readonly bytes: Uint8Array;
  /** The payloads that were not read, by their place in the file. */
  readonly stored: ReadonlyMap<number, StoredBytes>;
}

/**
 * Reads all of a model but its large weights.
 *
 * @param path absolute, for later reads
 * @returns undefined where the file is not what a model looks like; the decoder will say how
 */
export function readSparsely(descriptor: number, path: string): SparseFile | undefined {
  const found = fstatSync(descriptor, { bigint: true });
  const pages = new Pages(descriptor, Number(found.size));
  const payloads: Span[] = [];
  try {
    scan(pages, { start: 0, end: pages.bytes.length }, 0, payloads);
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
  const stored = payloads.map((span) => [span.start, storedIn(path, found, span)] as const);
  return { bytes: pages.bytes, stored: new Map(stored) };
}

class MalformedError extends Error {}

/** Walks the fields of a message, reads what is no large weight, and collects those. */
function scan(pages: Pages, { start, end }: Span, level: number, payloads: Span[]): void {
  let at = start;
  const varint = (): number => {
    let value = 0;
    for (let factor = 1; factor < 2 ** 63; factor *= 128) {
      if (at >= end) throw new MalformedError();
      const byte = pages.byte(at++);
      value += (byte & 127) * factor;
      if (byte < 128) return value;
    }
    throw new MalformedError();
  };
  while (at < end) {
    const fieldStart = at;
    const tag = varint();
    const wire = tag % 8;
    const length = wire === 2 ? varint() : wire === 1 ? 8 : wire === 5 ? 4 : 0;
    if (wire === 0) varint();
    else if (wire !== 1 && wire !== 2 && wire !== 5) throw new MalformedError();
    const content = { start: at, end: at + length };
    if (content.end > end) throw new MalformedError();
    at = content.end;
    const leadsToWeights = wire === 2 && Math.floor(tag / 8) === PATH_TO_WEIGHTS[level];
    if (leadsToWeights && level < PATH_TO_WEIGHTS.length - 1) scan(pages, content, level + 1, payloads);
    else if (leadsToWeights && length >= STORED_FROM_BYTES) payloads.push(content);
    else pages.need({ start: fieldStart, end: at });
  }
}

/** A file of which only the pages that were needed are read. */
class Pages {
  readonly bytes: Uint8Array;
  private readonly isRead: Uint8Array;

  constructor(
    private readonly descriptor: number,
    size: number,
  ) {
    this.bytes = new Uint8Array(size);
    this.isRead = new Uint8Array(Math.ceil(size / PAGE_BYTES));
  }

  byte(at: number): number {
    this.need({ start: at, end: at + 1 });
    return this.bytes[at]!;
  }

  need({ start, end }: Span): void {
    for (let page = Math.floor(start / PAGE_BYTES); page * PAGE_BYTES < end; page++) {
      if (this.isRead[page] === 1) continue;
      const target = this.bytes.subarray(page * PAGE_BYTES, (page + 1) * PAGE_BYTES);
      if (!readFully(this.descriptor, target, page * PAGE_BYTES)) throw new MalformedError();
      this.isRead[page] = 1;
    }
  }
}
