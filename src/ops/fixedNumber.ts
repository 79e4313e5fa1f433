import type { Value } from '../graph/graph.js';
import { isWritable } from '../graph/makeNumbers.js';
import { dataTypeInfo } from '../onnx/dataType.js';
import type { BoundModel } from './bindModel.js';
import { distinctSources } from './dimension.js';

/**
 * Whether a value is calculated from widths alone, none of them free: the 1/√d of an attention, say.
 *
 * Where nodes read it as a number, it belongs to the function that was trained: a rewrite that changes those widths
 * puts the number in as a constant. A list of floats would become a parameter by that, and is none of these.
 */
export function isFixedNumber(model: BoundModel, value: Value): boolean {
  if (model.constant(value) !== undefined || !model.hasType(value)) return false;
  const { dataType, dims } = model.typeOf(value);
  if (!isWritable(dataType) || (dataTypeInfo(dataType)?.kind === 'float' && dims.length > 0)) return false;
  const sources = distinctSources(model.dimensions(value) ?? []);
  return sources.length > 0 && !sources.some((source) => model.isFree(source));
}
