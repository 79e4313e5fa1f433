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
      what: `cross-entropy needs logits [N, classes], and its shape is [${dims.join(', ')}]`,
      fix: 'export the classifier with its logits as the first output',
    }),

  diverged: (phase: string, epoch: number, step: number) =>
    new MorphError({
      code: 'TRAIN_DIVERGED',
      category: 'training',
      where: `${phase}, epoch ${epoch}, step ${step}`,
      what: 'the loss is not finite',
      fix: 'use a smaller --learning-rate, and check the data and its --scale, --mean and --std',
    }),

  noLabels: (source: string) =>
    new MorphError({
      code: 'TRAIN_NO_LABELS',
      category: 'data',
      where: source,
      what: 'the training data has no labels',
      fix: 'give y_train with the class of each sample',
    }),
};
