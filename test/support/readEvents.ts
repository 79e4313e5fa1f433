import { readFileSync } from 'node:fs';
import protobuf from 'protobufjs';
import { maskedCrc32c } from '../../src/report/crc32c.js';

/** The fields of TensorFlow's event.proto and summary.proto that are written. */
const { root } = protobuf.parse(`
  syntax = "proto3";
  message Event {
    double wall_time = 1; int64 step = 2;
    oneof what { string file_version = 3; Summary summary = 5; SessionLog session_log = 7; }
  }
  message SessionLog { int32 status = 1; }
  message Summary { message Value { string tag = 1; oneof value { float simple_value = 2; } } repeated Value value = 1; }
`);

export interface ReadEvent {
  readonly wallTime: number;
  readonly step: string;
  readonly fileVersion?: string;
  readonly sessionLog?: { readonly status: number };
  readonly summary?: { readonly value: readonly { readonly tag: string; readonly simpleValue: number }[] };
}

/** All events of a file. @throws where a checksum is wrong or bytes are left over */
export function readEvents(path: string): readonly ReadEvent[] {
  const bytes = readFileSync(path);
  const type = root.lookupType('Event');
  const events: ReadEvent[] = [];
  let at = 0;
  while (at < bytes.length) {
    const length = Number(bytes.readBigUInt64LE(at));
    const data = bytes.subarray(at + 12, at + 12 + length);
    const sums = [bytes.readUInt32LE(at + 8), bytes.readUInt32LE(at + 12 + length)];
    const expected = [maskedCrc32c(bytes.subarray(at, at + 8)), maskedCrc32c(data)];
    if (sums.join() !== expected.join()) throw new Error(`${path}: a checksum at ${at} is wrong`);
    const decoded = type.decode(data);
    if (Buffer.compare(type.encode(decoded).finish(), data) !== 0) throw new Error(`${path}: other bytes at ${at}`);
    events.push(type.toObject(decoded, { longs: String }) as ReadEvent);
    at += length + 16;
  }
  return events;
}
