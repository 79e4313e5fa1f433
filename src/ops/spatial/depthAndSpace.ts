/** @file Blocks of an image as channels, and back. */
import { inputAxis, outputAxis } from '../nodeContext.js';
import type { OpDef } from '../opDef.js';
import { tie } from '../ties.js';

interface DepthToSpaceAttributes {
  readonly block: number;
  /** True where the columns, not the blocks, are the outer part of the channels (mode CRD). */
  readonly columnsFirst: boolean;
}

/** DepthToSpace: X [N, b·b·C, H, W] (mode DCR) or [N, C·b·b, H, W] (CRD) as [N, C, H·b, W·b]. */
export const depthToSpace: OpDef<DepthToSpaceAttributes> = {
  type: 'DepthToSpace',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ block: raw.integer('blocksize', 1), columnsFirst: raw.string('mode', 'DCR') === 'CRD' }),
  channels: (context, { block, columnsFirst }) => {
    const channels = outputAxis(context, 0, 1);
    const blocks = block * block;
    // A broken model, which ONNX Runtime refuses only when it runs.
    if (context.inputDims(0)[1] !== blocks * context.outputDims(0)[1]!) return [];
    return [
      tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
      {
        kind: 'product',
        whole: inputAxis(context, 0, 1),
        parts: columnsFirst ? [channels, blocks] : [blocks, channels],
      },
    ];
  },
  lower: (tf, [x], { block, columnsFirst }) => {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const depth = channels / (block * block);
    const split = columnsFirst
      ? tf.transpose(tf.reshape(x!, [batch, depth, block, block, height, width]), [0, 1, 4, 2, 5, 3])
      : tf.transpose(tf.reshape(x!, [batch, block, block, depth, height, width]), [0, 3, 4, 1, 5, 2]);
    return [tf.reshape(split, [batch, depth, height * block, width * block])];
  },
};

/** SpaceToDepth: X [N, C, H·b, W·b] as [N, b·b·C, H, W]. */
export const spaceToDepth: OpDef<{ block: number }> = {
  type: 'SpaceToDepth',
  domain: '',
  since: 1,
  inputs: ['data'],
  attributes: (raw) => ({ block: raw.integer('blocksize', 1) }),
  channels: (context, { block }) => [
    tie(inputAxis(context, 0, 0), outputAxis(context, 0, 0)),
    { kind: 'product', whole: outputAxis(context, 0, 1), parts: [block * block, inputAxis(context, 0, 1)] },
  ],
  lower: (tf, [x], { block }) => {
    const [batch, channels, height, width] = x!.shape as [number, number, number, number];
    const blocks = tf.reshape(x!, [batch, channels, height / block, block, width / block, block]);
    return [
      tf.reshape(tf.transpose(blocks, [0, 3, 5, 1, 2, 4]), [
        batch,
        block * block * channels,
        height / block,
        width / block,
      ]),
    ];
  },
};
