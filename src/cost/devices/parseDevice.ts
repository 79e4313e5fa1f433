import { deviceErrors } from '../../errors/deviceErrors.js';
import type { Device, KindTime, MeasuredDevice, RooflineDevice } from './device.js';

/** More than a device has; what is longer is no device. */
const LARGEST_TEXT = 2 ** 20;
const LARGEST_STEP = 1024;

/**
 * Reads a device from JSON.
 *
 * @param path for messages
 * @throws DEVICE_MALFORMED
 */
export function parseDevice(text: string, path: string): Device {
  if (text.length > LARGEST_TEXT) throw deviceErrors.malformed(path, `it is longer than ${LARGEST_TEXT} characters`);
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw deviceErrors.malformed(path, 'it is not JSON');
  }
  const fields = new Fields(value, '', path);
  switch (fields.text('kind')) {
    case 'roofline':
      return rooflineDevice(fields);
    case 'measured':
      return measuredDevice(fields);
    default:
      throw deviceErrors.malformed(path, "kind: must be 'roofline' or 'measured'");
  }
}

function rooflineDevice(fields: Fields): RooflineDevice {
  return {
    kind: 'roofline',
    name: fields.text('name'),
    peakGflops: fields.number('peakGflops', Number.MIN_VALUE),
    bandwidthGBps: fields.number('bandwidthGBps', Number.MIN_VALUE),
    source: fields.text('source'),
  };
}

function measuredDevice(fields: Fields): MeasuredDevice {
  const kinds = fields.object('kinds');
  const threads = fields.optional('threads') === null ? null : fields.number('threads', 1, true);
  return {
    kind: 'measured',
    name: fields.text('name'),
    runMs: fields.number('runMs', 0),
    kinds: Object.fromEntries(kinds.names.map((name) => [name, kindTime(kinds.object(name))])),
    other: kindTime(fields.object('other')),
    runtime: fields.text('runtime'),
    threads,
    providers: fields.texts('providers'),
    measuredAt: fields.text('measuredAt'),
    models: fields.texts('models'),
    medianError: fields.number('medianError', 0),
  };
}

function kindTime(fields: Fields): KindTime {
  const step = fields.number('step', 1, true);
  if (step > LARGEST_STEP) throw fields.error('step', `must be at most ${LARGEST_STEP}`);
  return {
    overheadMs: fields.number('overheadMs', 0),
    msPerMflop: fields.number('msPerMflop', 0),
    msPerMB: fields.number('msPerMB', 0),
    step,
  };
}

/** The properties of an object that nobody vouches for. */
class Fields {
  private readonly fields: Readonly<Record<string, unknown>>;

  constructor(
    value: unknown,
    private readonly at: string,
    private readonly path: string,
  ) {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) {
      throw deviceErrors.malformed(path, `${at === '' ? 'it' : at.slice(0, -1)} is no object`);
    }
    this.fields = value as Readonly<Record<string, unknown>>;
  }

  get names(): readonly string[] {
    return Object.keys(this.fields);
  }

  optional(name: string): unknown {
    return Object.hasOwn(this.fields, name) ? this.fields[name] : undefined;
  }

  object(name: string): Fields {
    return new Fields(this.optional(name), `${this.at}${name}.`, this.path);
  }

  text(name: string): string {
    const value = this.optional(name);
    if (typeof value !== 'string') throw this.error(name, 'must be a text');
    return value;
  }

  texts(name: string): readonly string[] {
    const value = this.optional(name);
    if (!Array.isArray(value) || !value.every((text) => typeof text === 'string')) {
      throw this.error(name, 'must be a list of texts');
    }
    return value;
  }

  number(name: string, least: number, isInteger = false): number {
    const value = this.optional(name);
    const isNumber = typeof value === 'number' && (isInteger ? Number.isSafeInteger(value) : Number.isFinite(value));
    if (!isNumber || value < least) {
      const range = least === Number.MIN_VALUE ? 'above 0' : `of at least ${least}`;
      throw this.error(name, `must be ${isInteger ? 'an integer' : 'a number'} ${range}`);
    }
    return value;
  }

  error(name: string, detail: string) {
    return deviceErrors.malformed(this.path, `${this.at}${name}: ${detail}`);
  }
}
