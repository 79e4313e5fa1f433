import { cliErrors } from '../errors/cliErrors.js';

export type InputShapeOptions = Readonly<Record<string, readonly number[]>>;

const SHAPE = /^(.+)=(\d+(?:x\d+)*)$/s;

/**
 * Adds what one `--input NAME=SHAPE` says to what those before it said.
 *
 * @example
 * parseInputShape('x=1x3x224x224', {}) // { x: [1, 3, 224, 224] }
 *
 * @throws CLI_INPUT_SHAPE, CLI_INPUT_TWICE
 */
export function parseInputShape(text: string, earlier: InputShapeOptions = {}): InputShapeOptions {
  const [, name, shape] = SHAPE.exec(text) ?? [];
  const dims = (shape ?? '').split('x').map(Number);
  if (name === undefined || !dims.every((dim) => Number.isSafeInteger(dim) && dim > 0)) {
    throw cliErrors.inputShape(text);
  }
  if (Object.hasOwn(earlier, name)) throw cliErrors.inputTwice(name);
  return { ...earlier, [name]: dims };
}
