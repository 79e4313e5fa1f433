import { expect, test } from 'vitest';
import { ProtoWriter } from '../../src/engine/onnxruntime/protoWriter.js';

const hex = (writer: ProtoWriter): string => Buffer.from(writer.finish()).toString('hex');

// Expected bytes by the protobuf encoding guide.
test('integers are varints, negative ones ten bytes long', () => {
  expect(hex(new ProtoWriter().int(1, 150))).toBe('089601');
  expect(hex(new ProtoWriter().int(1, 0))).toBe('0800');
  expect(hex(new ProtoWriter().int(1, -2))).toBe('08feffffffffffffffff01');
  expect(hex(new ProtoWriter().int(20, 2 ** 40))).toBe('a001808080808020');
});

test('strings and messages carry their length', () => {
  expect(hex(new ProtoWriter().string(2, 'testing'))).toBe('120774657374696e67');
  expect(hex(new ProtoWriter().bytes(3, new ProtoWriter().int(1, 150).finish()))).toBe('1a03089601');
});

test('repeated integers are packed', () => {
  expect(hex(new ProtoWriter().ints(6, [3, 270, 86942]))).toBe('3206038e029ea705');
  expect(hex(new ProtoWriter().ints(6, []))).toBe('3200');
});

test('floats are little-endian', () => {
  expect(hex(new ProtoWriter().float(2, 1.5))).toBe('150000c03f');
});

test('the buffer grows with its contents', () => {
  const long = 'x'.repeat(1000);
  const bytes = new ProtoWriter().string(1, long).string(1, long).finish();
  expect(bytes.length).toBe(2 * (1 + 2 + 1000));
});
