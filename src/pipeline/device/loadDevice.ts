import { readFile, stat } from 'node:fs/promises';
import { DEVICES } from '../../cost/devices/dataSheets.js';
import type { Device } from '../../cost/devices/device.js';
import { parseDevice } from '../../cost/devices/parseDevice.js';
import { deviceErrors } from '../../errors/deviceErrors.js';

/** No device is larger; whatever is, is not read. */
const LARGEST_FILE = 4 * 2 ** 20;

/**
 * The device that an option names: one by its data sheet, or a file.
 *
 * @throws DEVICE_UNKNOWN, DEVICE_UNREADABLE, DEVICE_MALFORMED
 */
export async function loadDevice(device: string | Device | undefined): Promise<Device | undefined> {
  if (typeof device !== 'string') return device;
  const known = DEVICES.find(({ name }) => name === device.toLowerCase());
  if (known !== undefined) return known;
  if (!device.toLowerCase().endsWith('.json')) {
    throw deviceErrors.unknown(
      device,
      DEVICES.map(({ name }) => name),
    );
  }
  return parseDevice(await readText(device), device);
}

async function readText(path: string): Promise<string> {
  let size: number;
  try {
    const info = await stat(path);
    if (!info.isFile()) throw new Error('it is no file');
    size = info.size;
    if (size <= LARGEST_FILE) return await readFile(path, 'utf8');
  } catch (error) {
    throw deviceErrors.unreadable(path, error instanceof Error ? error.message : String(error));
  }
  throw deviceErrors.malformed(path, `it has ${size} bytes`);
}
