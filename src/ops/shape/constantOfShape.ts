import { dataTypeInfo } from '../../onnx/dataType.js';
import type { TensorProto } from '../../onnx/messages.js';
import { tensorData, tensorFloats } from '../../onnx/tensorData.js';
import { distinctSources } from '../dimension.js';
import { outputAxis, outputValue } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';
import { resizedTarget, targetRelations } from './targetShape.js';

interface ConstantOfShapeAttributes {
  readonly value: TensorProto | undefined;
}

function numberOf({ value }: ConstantOfShapeAttributes): number {
  if (value === undefined) return 0;
  const isFloat = dataTypeInfo(value.dataType ?? 0)?.kind === 'float';
  return Number((isFloat ? tensorFloats(value) : tensorData(value))[0] ?? 0);
}

/** ConstantOfShape: a tensor of the shape in its input that is `value` (0 by default) everywhere. */
export const constantOfShape: OpDef<ConstantOfShapeAttributes> = {
  type: 'ConstantOfShape',
  domain: '',
  since: 9,
  inputs: ['setting'],
  attributes: (raw) => ({ value: raw.tensor('value') }),
  channels: (context) =>
    context.outputDims(0).flatMap((_, axis) => {
      const out = outputAxis(context, 0, axis);
      return [tie(out, out), ...targetRelations(context, 0, axis, out)];
    }),
  lower: (tf, _, attributes, context) => {
    const kind = dataTypeInfo(context.typeOf(outputValue(context)))?.kind;
    const type = kind === 'float' ? 'float32' : kind === 'bool' ? 'bool' : 'int32';
    return [tf.fill([...context.runningDims(0)], numberOf(attributes), type)];
  },
  resize: (context) => resizedTarget(context, 0),
  // All elements are the same whatever the widths; how many there are may be free.
  dimensions: (context) => {
    const sources = distinctSources(context.dimensions(0) ?? []).filter((axis) => context.isFree(axis));
    const count = context.outputDims(0).reduce((product, dim) => product * dim, 1);
    const value = outputValue(context);
    return Array.from({ length: count }, (_, element) => ({ kind: 'computed', value, element, sources }));
  },
};
