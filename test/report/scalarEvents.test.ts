import { describe, expect, it } from 'vitest';
import { crc32c, maskedCrc32c } from '../../src/report/crc32c.js';
import { scalarEvent, startEvent, versionEvent } from '../../src/report/scalarEvents.js';
import { tfRecord } from '../../src/report/tfRecord.js';

const hex = (bytes: Uint8Array) => Buffer.from(bytes).toString('hex');

describe('crc32c', () => {
  it.each([
    ['32 zeros', new Uint8Array(32), 0x8a9136aa],
    ['32 ones', new Uint8Array(32).fill(255), 0x62a8ab43],
    ['0 to 31', Uint8Array.from({ length: 32 }, (_, i) => i), 0x46dd794e],
    ['31 to 0', Uint8Array.from({ length: 32 }, (_, i) => 31 - i), 0x113fdb5c],
    ['its check', Buffer.from('123456789'), 0xe3069283],
  ])('is that of RFC 3720 for %s', (_, bytes, expected) => {
    expect(crc32c(bytes)).toBe(expected);
  });

  it('is masked by a rotation of 15 bits and a constant', () => {
    const crc = 0xe3069283n;
    const rotated = ((crc >> 15n) | (crc << 17n)) & 0xffffffffn;
    expect(maskedCrc32c(Buffer.from('123456789'))).toBe(Number((rotated + 0xa282ead8n) & 0xffffffffn));
  });
});

describe('events are, byte for byte, what the protobuf library of Python writes', () => {
  const wallTime = 1700000000.25;

  it('the version', () => {
    expect(hex(versionEvent(wallTime))).toBe('0900001040fc54d9411a0d627261696e2e4576656e743a32');
  });

  it('a start at a step of more than 32 bits', () => {
    expect(hex(startEvent({ wallTime, step: 2 ** 40 }))).toBe('0900001040fc54d941108080808080203a020801');
  });

  it('numbers', () => {
    const event = scalarEvent({ wallTime, step: 300 }, { 'shrink/loss': 0.5, 'shrink/cost/flops': 920832 });
    expect(hex(event)).toBe(
      '0900001040fc54d94110ac022a2e0a120a0b736872696e6b2f6c6f7373150000003f0a180a11736872696e6b2f636f73742f666c6f7073' +
        '1500d06049',
    );
  });
});

it('a record holds its length, its bytes, and the checksums of both', () => {
  const bytes = Buffer.from('123456789');
  const length = Buffer.from('0900000000000000', 'hex');
  const record = Buffer.from(tfRecord(bytes));
  expect(hex(record.subarray(0, 8))).toBe(hex(length));
  expect(record.readUInt32LE(8)).toBe(maskedCrc32c(length));
  expect(record.subarray(12, 21).toString()).toBe('123456789');
  expect(record.readUInt32LE(21)).toBe(maskedCrc32c(bytes));
  expect(record.length).toBe(25);
});
