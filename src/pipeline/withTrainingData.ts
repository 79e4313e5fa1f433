import { trainErrors } from '../errors/trainErrors.js';
import type { Value } from '../graph/graph.js';
import type { BoundModel } from '../ops/bindModel.js';
import { declaredDims } from '../runtime/inputShapes.js';
import { runtimeNameOf } from '../runtime/tensorTypes.js';
import { type DataSet, type FreeShape, fitData, fitLabelMaps, fitTargets, withDataSet } from '../train/data/index.js';
import { type ClassLogits, classLogits, labelDims, requireLogits } from '../train/loss/classLogits.js';
import type { LossKind } from './lossKind.js';
import type { MorphOptions } from './options.js';

/**
 * Uses the data set, opened and let go of where a path names it, once it is known to fit the model and the loss: shapes,
 * element types, labels.
 *
 * @param asked the loss; where it is left out, cross-entropy for data with labels, distillation for others
 * @throws MorphError of category `data` for the data, `model` where the model cannot be trained with batches
 */
export async function withTrainingData<T>(
  bound: BoundModel,
  options: Pick<MorphOptions, 'data' | 'dataOptions' | 'augment'>,
  asked: LossKind | undefined,
  use: (data: DataSet, loss: LossKind) => Promise<T>,
): Promise<T> {
  const { inputs, outputs } = bound.graph;
  const [input] = inputs;
  if (input === undefined || inputs.length !== 1) throw trainErrors.notOneInput(inputs.map(({ name }) => name));
  const declared = declaredDims(input);
  if (typeof declared[0] === 'number') throw trainErrors.fixedBatch(input.name, declared[0]);
  const { dataType, dims } = bound.typeOf(input);
  const logits = asked?.kind === 'cross-entropy' ? requireLogits(bound) : classLogits(bound, outputs[0]!);
  const wantsClasses = (asked ?? CLASSES).kind === 'cross-entropy' && logits !== undefined && !isMap(bound, logits);
  const opening = { ...options.dataOptions, labels: wantsClasses ? 'classes' : 'values' } as const;
  return withDataSet(options.data, opening, async (data) => {
    const loss: LossKind = asked ?? { kind: data.labelled ? 'cross-entropy' : 'distill' };
    const needsLabels = loss.kind === 'cross-entropy' || loss.kind === 'mse' || loss.kind === 'bce';
    if (needsLabels && !data.labelled) throw trainErrors.noLabels(data.source, loss.kind);
    const classes = wantsClasses && needsLabels ? logits.classes : undefined;
    const fitted = fitData(data, dims, runtimeNameOf(dataType) ?? `type ${dataType}`, classes);
    const isMoved = loss.kind !== 'distill' && (data.targetShape?.length ?? 0) > 1;
    if (isMoved && options.augment !== undefined) throw trainErrors.mappedAugmentation(data.source, data.targetShape!);
    return use(wantsClasses ? fitted : fitLabels(fitted, bound, loss), loss);
  });
}

const CLASSES: LossKind = { kind: 'cross-entropy' };

/** Whether there is a label for each position of a map, not one for each sample. */
function isMap(bound: BoundModel, { value, axes }: ClassLogits): boolean {
  return labelDims(bound.typeOf(value).dims, axes).length !== 1;
}

function fitLabels(data: DataSet, bound: BoundModel, { kind }: LossKind): DataSet {
  switch (kind) {
    case 'cross-entropy': {
      const { value, axes, classes } = requireLogits(bound);
      return fitLabelMaps(data, labelShape(freeShape(bound, value), axes), value.name, classes);
    }
    case 'mse':
    case 'bce': {
      const output = bound.graph.outputs[0]!;
      return fitTargets(data, freeShape(bound, output), output.name, kind === 'bce');
    }
    case 'distill':
    case 'module':
      return data;
  }
}

function freeShape(bound: BoundModel, value: Value): FreeShape {
  return bound.typeOf(value).dims.map((dim, axis) => (bound.isFree({ value, axis }) ? undefined : dim));
}

function labelShape(shape: FreeShape, axes: readonly number[]): FreeShape {
  return shape.filter((_, axis) => !axes.includes(axis));
}
