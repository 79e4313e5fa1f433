/** @file TensorBoard's `Event` messages, as protobuf writes them: event.proto and summary.proto of TensorFlow. */

/** When an event is: seconds since 1970, and the training step. */
export interface EventTime {
  readonly wallTime: number;
  readonly step: number;
}

const VARINT = 0;
const DOUBLE = 1;
const BYTES = 2;
const FLOAT = 5;

/** The first event of every file: `file_version = 3`. */
export function versionEvent(wallTime: number): Uint8Array {
  return Uint8Array.from([...double(1, wallTime), ...text(3, 'brain.Event:2')]);
}

/** `session_log = 7 { status = 1: START }`: a reader drops what it has of this step and of later ones. */
export function startEvent(time: EventTime): Uint8Array {
  return Uint8Array.from([...stamp(time), ...nested(7, [...key(1, VARINT), 1])]);
}

/** `summary = 5 { value = 1 { tag = 1, simple_value = 2 } … }`: numbers by their tags. */
export function scalarEvent(time: EventTime, scalars: Readonly<Record<string, number>>): Uint8Array {
  const values = Object.entries(scalars).map(([tag, value]) => nested(1, [...text(1, tag), ...float(2, value)]));
  return Uint8Array.from([...stamp(time), ...nested(5, values.flat())]);
}

function stamp({ wallTime, step }: EventTime): readonly number[] {
  return [...double(1, wallTime), ...key(2, VARINT), ...varint(step)];
}

function key(field: number, wireType: number): readonly number[] {
  return varint(field * 8 + wireType);
}

function varint(value: number): readonly number[] {
  const bytes: number[] = [];
  let rest = value;
  for (; rest >= 128; rest = Math.floor(rest / 128)) bytes.push((rest % 128) + 128);
  return [...bytes, rest];
}

function double(field: number, value: number): readonly number[] {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setFloat64(0, value, true);
  return [...key(field, DOUBLE), ...bytes];
}

function float(field: number, value: number): readonly number[] {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setFloat32(0, value, true);
  return [...key(field, FLOAT), ...bytes];
}

function nested(field: number, bytes: readonly number[]): readonly number[] {
  return [...key(field, BYTES), ...varint(bytes.length), ...bytes];
}

function text(field: number, value: string): readonly number[] {
  return nested(field, [...new TextEncoder().encode(value)]);
}
