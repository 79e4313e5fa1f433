/** @file JSON Schemas (2020-12) of what the commands print with `--json`. */

import { TARGET_RESOURCES } from '../cost/resource.js';

/** The part of JSON Schema that is used here. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly title?: string;
  readonly description?: string;
  readonly type: JsonType | readonly JsonType[];
  readonly minimum?: number;
  readonly maximum?: number;
  readonly enum?: readonly string[];
  readonly items?: JsonSchema;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly additionalProperties?: boolean | JsonSchema;
  readonly oneOf?: readonly JsonSchema[];
}

export type JsonType = 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'null';

const text = (description: string): JsonSchema => ({ type: 'string', description });
const flag = (description: string): JsonSchema => ({ type: 'boolean', description });
const count = (description: string): JsonSchema => ({ type: 'integer', minimum: 0, description });
const amount = (description: string): JsonSchema => ({ type: 'number', minimum: 0, description });
const share = (description: string): JsonSchema => ({ type: 'number', minimum: 0, maximum: 1, description });
const orNull = (schema: JsonSchema): JsonSchema => ({ ...schema, type: [schema.type, 'null'].flat() as JsonType[] });
const list = (items: JsonSchema, description: string): JsonSchema => ({ type: 'array', items, description });
const integers = (description: string): JsonSchema => list({ type: 'integer', minimum: 0 }, description);

type Properties = Readonly<Record<string, JsonSchema>>;

/** An object that has exactly these properties, and perhaps the optional ones. */
function object(properties: Properties, description?: string, optional: Properties = {}): JsonSchema {
  return {
    type: 'object',
    ...(description === undefined ? {} : { description }),
    properties: { ...properties, ...optional },
    required: Object.keys(properties),
    additionalProperties: false,
  };
}

const COSTS = {
  flops: count('2 · macs'),
  macs: count('multiply-adds of convolutions and matrix products'),
  params: count('trained constants'),
  weightBytes: amount('bytes of constants, without shapes and other settings'),
  activationBytes: amount('bytes of the outputs of nodes'),
};

const tensor = object({
  name: text('name of the value'),
  elementType: text("ONNX's name of the element type"),
  shape: integers('dimensions'),
});

const node = object({
  name: text('name, or Op#index where the file gives none'),
  op: text('operator, with its domain where that is not ai.onnx'),
  outputShape: orNull(integers('dimensions of the first output; null where it is no tensor')),
  ...COSTS,
  share: share("share of the model's FLOPs"),
  latencyMs: orNull(amount('what it takes on the device; null without --device')),
  isKnown: flag('false where the operator is not known: its MACs are not counted, its channels are pinned'),
  isMeasured: flag('true where the data decides shapes of its outputs: counted as they came out for random inputs'),
  isShapeArithmetic: flag('true for constants and for nodes that only calculate shapes'),
});

const group = object({
  name: text('first node (or value) that has the channels'),
  width: count('number of channels'),
  members: list({ type: 'string' }, 'names of all nodes whose weights give them'),
  prunable: flag('whether they can be cut'),
  pinned: orNull(text('why they cannot be changed; null where they can')),
});

const unknownNode = object({
  node: text('name of the node'),
  op: text('its operator'),
  reason: text('what is not known'),
});

const report = object({
  path: text('the file'),
  fileBytes: count('size of the .onnx file, without external data'),
  opsets: { type: 'object', additionalProperties: { type: 'integer' }, description: 'version by domain' },
  inputs: list(tensor, 'inputs of the graph, with the shapes that the costs are for'),
  outputs: list(tensor, 'outputs of the graph'),
  nodes: list(node, 'all nodes, in topological order'),
  totals: object(COSTS, 'sums over all nodes'),
  peakActivationBytes: amount('largest sum of live values in execution order; constants are not counted'),
  peakNode: orNull(text('the node that runs then')),
  latency: object(
    {
      device: orNull(text('its name; null without --device')),
      predictedMs: orNull(amount('of one run on the device')),
      measuredMs: orNull(amount('median of one run at batch 1 in ONNX Runtime, here; null where it was not timed')),
    },
    'what a run takes',
  ),
  groups: list(group, 'channels that can only be kept or removed together'),
  unknownNodes: list(unknownNode, 'nodes that nothing is known of'),
});

const RESOURCE: JsonSchema = {
  type: 'string',
  enum: TARGET_RESOURCES,
  description: 'what is limited',
};

const model = object({
  path: text('the file'),
  flops: count('2 · macs, at batch 1'),
  macs: count('multiply-adds, at batch 1'),
  params: count('trained constants'),
  weightBytes: amount('bytes of constants'),
  activationBytes: amount('bytes of the outputs of nodes, at batch 1'),
  peakActivationBytes: amount('largest sum of live values in execution order, at batch 1'),
  fileBytes: count('size of the file'),
  accuracy: orNull(share('share of test samples whose class is right; null without labelled test data')),
  testLoss: orNull(amount('mean loss on the targets of test samples; null but with --loss mse and bce')),
  latencyMs: orNull(amount('median of one run at batch 1 in ONNX Runtime; null where they were not timed')),
  predictedLatencyMs: orNull(amount('what a run takes on the device that was named; null without --device')),
});

const budget = (description?: string) =>
  object(
    { resource: RESOURCE, limit: amount('what was allowed'), achieved: amount('what the result costs') },
    description,
  );

const RESULT = {
  input: model,
  output: model,
  targets: list(budget(), 'the budgets, and what was reached'),
  target: budget('the one that binds: of which the largest share is used'),
  verification: object({
    maxRelativeDifference: amount("largest difference from the reference over the output's largest magnitude"),
    batchSizes: integers('batch sizes that were compared'),
  }),
  groups: list(
    object({
      name: text('first node that gives the channels'),
      before: count('width in the input'),
      after: count('width in the output'),
      members: list({ type: 'string' }, 'names of all nodes that give them'),
    }),
    'widths of all groups that could be changed',
  ),
};

const SECONDS = { seconds: amount('time of the whole run') };

const TRAINING = {
  fidelity: object(
    {
      split: {
        type: 'string',
        enum: ['test', 'training'],
        description: 'what both models were run on: test samples, or training samples where there are none',
      },
      samples: count('how many'),
      agreement: orNull(share('share that both give the same class; null where the model tells no classes apart')),
      outputError: orNull(amount("root of the mean square difference over that of the original's outputs")),
    },
    'how far the result gives what the original gives',
  ),
  training: object({
    loss: text('cross-entropy, distill, mse, bce, two of them with + between, or the path of a module'),
    engine: text('what trained'),
    providers: list({ type: 'string' }, 'execution providers of ONNX Runtime for training and timing, best first'),
    epochs: count('epochs of all phases together'),
    msPerStep: amount('median time of a training step'),
    lambda: amount("the penalty's weight at the end of the last shrinking phase"),
    penalty: list(
      object({
        kind: { type: 'string', enum: ['gamma', 'group-lasso', 'gates'], description: 'what it acts on' },
        groups: count('groups of channels that got it'),
        channels: count('their channels: what can only be kept or removed as a whole'),
        reason: text('why they got it'),
      }),
      'which channels got which penalty; empty with --structure',
    ),
    cycles: list(
      object({
        targets: list(budget(), 'the budgets of its cut, and what was left after it'),
        widen: list(budget(), 'the budgets that it was widened to, and what was reached; empty without --widen'),
        lambda: amount("the penalty's weight at the end of its shrinking phase"),
        accuracy: orNull(share('share of test samples whose class was right in its end')),
      }),
      'what each cycle came to',
    ),
  }),
};

const calibration = object(
  {
    samples: count('samples that the model was run on'),
    folded: list({ type: 'string' }, 'nodes whose bias took over the means of the removed channels'),
    skipped: list(
      object({ node: text('name of the node'), reason: text('why there is no place for them') }),
      'nodes that lost channels without a place for their means',
    ),
    reestimated: list(
      { type: 'string' },
      'BatchNormalizations behind the cut that have the statistics of the data now',
    ),
  },
  'what running the model on data gave; absent without --calibrate',
);

const axis = {
  value: text('name of the value'),
  axis: count('the axis that the channels run along'),
};

const explainedGroup = object({
  name: text('first node that gives the channels'),
  units: count('number of what can only be kept or removed as a whole'),
  members: list({ type: 'string' }, 'names of all nodes whose weights give them'),
  costPerUnit: object(COSTS, 'what the model saves without one unit'),
  unrepeatable: orNull(text('why the units can be cut but not repeated; null where they can be')),
  indispensable: orNull(text('why the network cannot do without all of them; null where it can')),
  axes: list(
    object({
      ...axis,
      positionsPerUnit: count('positions that each unit has there'),
      isConstant: flag('whether it is a stored tensor'),
      isSummed: flag('whether a node sums over this axis of a stored tensor'),
    }),
    'axes that the group runs through',
  ),
});

const HOLD = {
  pinned: count('how many of the channels are held for this reason'),
  node: orNull(text('the node at which the reason lies; null for graph inputs, graph outputs and patterns')),
  reason: text('what holds them'),
};

const explainedNode = object(
  {
    name: text('its name'),
    op: text('its operator'),
    channels: list(
      object({
        ...axis,
        width: count('number of channels'),
        groups: list({ type: 'string' }, 'names of the groups among them that can be cut'),
        held: list(
          object({
            ...HOLD,
            chain: list(
              object({ ...axis, through: orNull(text('the node that ties it to the link before')) }),
              'the way from the channels to what holds them',
            ),
          }),
          'what holds the others',
        ),
      }),
      'the channels that it gives',
    ),
  },
  'the node that was asked for; absent without --node',
);

const explanation = object(
  {
    path: text('the file'),
    groups: list(explainedGroup, 'channels that can be cut'),
    pinned: list(object({ ...axis, width: count('number of channels'), ...HOLD }), 'channels that must stay'),
  },
  undefined,
  { node: explainedNode },
);

const kindTime = object(
  {
    overheadMs: amount('of each node'),
    msPerMflop: amount('per 10⁶ operations; one multiply-add is two'),
    msPerMB: amount('per 10⁶ bytes of activations, and of the constants of products'),
    step: {
      type: 'integer',
      minimum: 1,
      description: 'channels are rounded up to a multiple of this in the operations',
    },
  },
  'what nodes take: the sum of the three',
);

const device: JsonSchema = {
  type: 'object',
  description: 'a device by its data sheet (roofline), or as it was measured in ONNX Runtime',
  oneOf: [
    object({
      kind: { type: 'string', enum: ['roofline'], description: 'each node takes as long as the slower of both' },
      name: text('what it is called'),
      peakGflops: amount('most operations per second, in 10⁹; above 0'),
      bandwidthGBps: amount('most bytes per second, in 10⁹; above 0'),
      source: text('where both come from'),
    }),
    object({
      kind: { type: 'string', enum: ['measured'], description: 'what onnx-morph calibrate writes' },
      name: text('what it is called'),
      runMs: amount('what every run takes beside its nodes'),
      kinds: { type: 'object', additionalProperties: kindTime, description: 'by kind of node' },
      other: kindTime,
      runtime: text('what it was measured with'),
      threads: orNull({ type: 'integer', minimum: 1, description: 'threads within an operator; null for all cores' }),
      providers: list({ type: 'string' }, 'execution providers of ONNX Runtime, best first'),
      measuredAt: text('when'),
      models: list({ type: 'string' }, 'models that were timed'),
      medianError: amount('median relative error of the predictions of their times'),
    }),
  ],
};

const titled = (title: string, schema: JsonSchema): JsonSchema => ({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  title,
  ...schema,
});

/** By the name of the command, and the file that `calibrate` writes. */
const structure = object({
  version: count('1'),
  groups: list(
    object({
      name: text('first node that gives the channels'),
      members: list({ type: 'string' }, 'names of all nodes whose weights give them'),
      width: count('channels of the original'),
      alive: count('channels that are left'),
      kept: integers('which ones, from 0, by rising number'),
    }),
    'all groups that can change',
  ),
});

export const SCHEMAS = {
  report: titled('onnx-morph report --json', report),
  explain: titled('onnx-morph explain --json', explanation),
  morph: titled(
    'onnx-morph morph --json',
    object({ ...RESULT, ...TRAINING, ...SECONDS }, undefined, {
      widen: budget('the budget of widening that binds; absent without --widen'),
    }),
  ),
  prune: titled('onnx-morph prune --json', object({ ...RESULT, ...SECONDS }, undefined, { calibration })),
  widen: titled('onnx-morph widen --json', object({ ...RESULT, ...SECONDS })),
  device: titled('onnx-morph --device', device),
  structure: titled('onnx-morph morph --structure', structure),
} as const;
