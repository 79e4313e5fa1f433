import { GraphBuilder } from './graphBuilder.mjs';

/** Expansion, channels, blocks, stride of the first (Sandler et al., CVPR 2018, table 2). */
const STAGES = [
  [1, 16, 1, 1],
  [6, 24, 2, 2],
  [6, 32, 3, 2],
  [6, 64, 4, 2],
  [6, 96, 3, 1],
  [6, 160, 3, 2],
  [6, 320, 1, 1],
];

/** MobileNetV2 as torchvision has it, but for the Dropout before its last layer. */
export function mobileNetV2(kit) {
  const graph = new GraphBuilder(kit, [3, 224, 224]);
  const [low, high] = [0, 6].map((value) => graph.filled([], value));
  const activated = (x, channels) => graph.add('Clip', [graph.batchNorm(x, channels), low, high]);
  let x = activated(graph.conv('x', 3, 32, 3, { stride: 2 }), 32);
  let channels = 32;
  for (const [expansion, to, blocks, first] of STAGES) {
    for (let block = 0; block < blocks; block++) {
      const stride = block === 0 ? first : 1;
      const hidden = channels * expansion;
      const wide = expansion === 1 ? x : activated(graph.conv(x, channels, hidden, 1), hidden);
      const moved = activated(graph.conv(wide, hidden, hidden, 3, { stride, group: hidden }), hidden);
      const narrow = graph.batchNorm(graph.conv(moved, hidden, to, 1), to);
      x = stride === 1 && channels === to ? graph.add('Add', [x, narrow]) : narrow;
      channels = to;
    }
  }
  return graph.model(graph.head(activated(graph.conv(x, 320, 1280, 1), 1280), 1280, 1000));
}
