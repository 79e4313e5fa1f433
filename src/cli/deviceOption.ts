import type { Command } from 'commander';
import { DEVICES } from '../cost/devices/dataSheets.js';

/** `--device`. */
export function addDeviceOption(command: Command): void {
  const names = DEVICES.map(({ name }) => name).join(', ');
  command.option(
    '--device <name>',
    `predict the latency on a device: a .json file that onnx-morph calibrate wrote, or by data sheet ${names}`,
  );
}
