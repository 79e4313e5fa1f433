import { expect, test } from 'vitest';
import type { MorphError } from '../../src/errors/morphError.js';
import { trainErrors } from '../../src/errors/trainErrors.js';

const CASES: Readonly<Record<keyof typeof trainErrors, readonly [MorphError, string, string, string]>> = {
  noTensorflow: [
    trainErrors.noTensorflow(['@tensorflow/tfjs-node-gpu', '@tensorflow/tfjs-node']),
    'ENGINE_NO_TENSORFLOW',
    'usage',
    '--engine tensorflow: neither @tensorflow/tfjs-node-gpu nor @tensorflow/tfjs-node is installed; run npm install @tensorflow/tfjs-node (or @tensorflow/tfjs-node-gpu), or use --engine onnxruntime',
  ],
  brokenTensorflow: [
    trainErrors.brokenTensorflow('@tensorflow/tfjs-node', 'its native addon cannot be found'),
    'ENGINE_TENSORFLOW_BROKEN',
    'usage',
    '--engine tensorflow: @tensorflow/tfjs-node is installed but does not work: its native addon cannot be found; install it anew under a version of Node that it supports, or use --engine onnxruntime',
  ],
  untrainable: [
    trainErrors.untrainable("node 'a' (Conv)", 'it is dilated'),
    'TRAIN_UNTRAINABLE',
    'model',
    "node 'a' (Conv): the model cannot be trained through it: it is dilated; fine-tune the model elsewhere, or export it without this operator",
  ],
  noFreshStart: [
    trainErrors.noFreshStart('w', "node 'a' (PRelu)"),
    'TRAIN_NO_FRESH_START',
    'model',
    "node 'a' (PRelu): it is not known what 'w' is like in a network that begins anew; use --retrain finetune",
  ],
  fixedBatch: [
    trainErrors.fixedBatch('x', 1),
    'TRAIN_FIXED_BATCH',
    'model',
    "input 'x': its batch is fixed at 1, and training needs batches of any size; export the model with a free first dimension (dynamic_axes in torch.onnx.export)",
  ],
  notOneInput: [
    trainErrors.notOneInput(['a', 'b']),
    'TRAIN_INPUTS',
    'model',
    'inputs a, b: training takes a model with one input, and this one has 2; export the model with one input',
  ],
  notLogits: [
    trainErrors.notLogits('y', [1, 2, 8, 8]),
    'TRAIN_OUTPUT_SHAPE',
    'model',
    "output 'y': cross-entropy needs logits [N, classes] or [N, classes, …], and its shape is [1, 2, 8, 8]; export the classifier with its logits as the first output, or choose another --loss",
  ],
  diverged: [
    trainErrors.diverged('shrink', 2, 7),
    'TRAIN_DIVERGED',
    'training',
    'shrink, epoch 2, step 7: the loss is not finite; use a smaller --learning-rate, and check the data and its --scale, --mean and --std',
  ],
  noLabels: [
    trainErrors.noLabels('a.npz', 'mse'),
    'TRAIN_NO_LABELS',
    'data',
    'a.npz: the training data has no labels, and the loss mse needs them; give y_train, or use --loss distill',
  ],
  noFloatOutput: [
    trainErrors.noFloatOutput(['a', 'b']),
    'TRAIN_NO_FLOAT_OUTPUT',
    'model',
    'outputs a, b: none of them is a float, so that nothing can be learned from them; export the model with what its decisions are made from, as the logits',
  ],
  distillWeight: [
    trainErrors.distillWeight('distill'),
    'TRAIN_DISTILL_WEIGHT',
    'usage',
    '--distill-weight: it mixes distillation with cross-entropy, mse or bce, and the loss is distill; leave it out, or give labels and one of these as --loss',
  ],
  mappedAugmentation: [
    trainErrors.mappedAugmentation('a.npz', [8, 8]),
    'TRAIN_AUGMENTED_MAP',
    'usage',
    '--augment: it would move the images of a.npz, and not their labels [N, 8, 8]; leave out --augment, and let a data module move both',
  ],
};

test.each(Object.entries(CASES))('%s', (_, [error, code, category, message]) => {
  expect([error.code, error.category, error.message]).toEqual([code, category, message]);
});
