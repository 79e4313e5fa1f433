/** @file Errors of the training engine and of training itself. */
import { MorphError } from './morphError.js';

export const trainErrors = {
  noTensorflow: (tried: readonly string[]) =>
    new MorphError({
      code: 'ENGINE_NO_TENSORFLOW',
      category: 'usage',
      where: '--engine tensorflow',
      what: `neither ${tried.join(' nor ')} is installed`,
      fix: 'run npm install @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu), or use --engine onnxruntime',
    }),

  brokenTensorflow: (name: string, reason: string) =>
    new MorphError({
      code: 'ENGINE_TENSORFLOW_BROKEN',
      category: 'usage',
      where: '--engine tensorflow',
      what: `${name} is installed but does not work: ${reason}`,
      fix: 'install it anew under a version of Node that it supports, or use --engine onnxruntime',
    }),

  untrainable: (node: string, reason: string) =>
    new MorphError({
      code: 'TRAIN_UNTRAINABLE',
      category: 'model',
      where: node,
      what: `the model cannot be trained through it: ${reason}`,
      fix: 'fine-tune the model elsewhere, or export it without this operator',
    }),

  noFreshStart: (constant: string, node: string) =>
    new MorphError({
      code: 'TRAIN_NO_FRESH_START',
      category: 'model',
      where: node,
      what: `it is not known what '${constant}' is like in a network that begins anew`,
      fix: 'use --retrain finetune',
    }),

  fixedBatch: (input: string, batch: number) =>
    new MorphError({
      code: 'TRAIN_FIXED_BATCH',
      category: 'model',
      where: `input '${input}'`,
      what: `its batch is fixed at ${batch}, and training needs batches of any size`,
      fix: 'export the model with a free first dimension (dynamic_axes in torch.onnx.export)',
    }),

  notOneInput: (inputs: readonly string[]) =>
    new MorphError({
      code: 'TRAIN_INPUTS',
      category: 'model',
      where: `inputs ${inputs.join(', ')}`,
      what: `training takes a model with one input, and this one has ${inputs.length}`,
      fix: 'export the model with one input',
    }),

  notLogits: (output: string, dims: readonly number[]) =>
    new MorphError({
      code: 'TRAIN_OUTPUT_SHAPE',
      category: 'model',
      where: `output '${output}'`,
      what: `cross-entropy needs logits [N, classes] or [N, classes, …], and its shape is [${dims.join(', ')}]`,
      fix: 'export the classifier with its logits as the first output, or choose another --loss',
    }),

  diverged: (phase: string, epoch: number, step: number) =>
    new MorphError({
      code: 'TRAIN_DIVERGED',
      category: 'training',
      where: `${phase}, epoch ${epoch}, step ${step}`,
      what: 'the loss is not finite',
      fix: 'use a smaller --learning-rate, and check the data and its --scale, --mean and --std',
    }),

  noLabels: (source: string, loss: string) =>
    new MorphError({
      code: 'TRAIN_NO_LABELS',
      category: 'data',
      where: source,
      what: `the training data has no labels, and the loss ${loss} needs them`,
      fix: 'give y_train, or use --loss distill',
    }),

  noFloatOutput: (outputs: readonly string[]) =>
    new MorphError({
      code: 'TRAIN_NO_FLOAT_OUTPUT',
      category: 'model',
      where: `outputs ${outputs.join(', ')}`,
      what: 'none of them is a float, so that nothing can be learned from them',
      fix: 'export the model with what its decisions are made from, as the logits',
    }),

  distillWeight: (loss: string) =>
    new MorphError({
      code: 'TRAIN_DISTILL_WEIGHT',
      category: 'usage',
      where: '--distill-weight',
      what: `it mixes distillation with cross-entropy, mse or bce, and the loss is ${loss}`,
      fix: 'leave it out, or give labels and one of these as --loss',
    }),

  mappedAugmentation: (source: string, shape: readonly number[]) =>
    new MorphError({
      code: 'TRAIN_AUGMENTED_MAP',
      category: 'usage',
      where: '--augment',
      what: `it would move the images of ${source}, and not their labels [${['N', ...shape].join(', ')}]`,
      fix: 'leave out --augment, and let a data module move both',
    }),
};
