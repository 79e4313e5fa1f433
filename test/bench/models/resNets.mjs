import { GraphBuilder } from './graphBuilder.mjs';

/** Two 3×3 convolutions beside a shortcut, which has a 1×1 convolution where the shape changes. */
function basicBlock(graph, x, from, to, stride) {
  const inner = graph.add('Relu', [graph.batchNorm(graph.conv(x, from, to, 3, { stride }), to)]);
  const branch = graph.batchNorm(graph.conv(inner, to, to, 3), to);
  const isSame = stride === 1 && from === to;
  const short = isSame ? x : graph.batchNorm(graph.conv(x, from, to, 1, { stride, padding: 0 }), to);
  return graph.add('Relu', [graph.add('Add', [branch, short])]);
}

function stages(graph, x, from, widths, blocks) {
  let [y, channels] = [x, from];
  widths.forEach((width, stage) => {
    for (let block = 0; block < blocks; block++) {
      y = basicBlock(graph, y, channels, width, stage > 0 && block === 0 ? 2 : 1);
      channels = width;
    }
  });
  return y;
}

/** ResNet-20 for 32×32 images: three stages of three blocks (He et al., CVPR 2016, section 4.2). */
export function resNet20(kit) {
  const graph = new GraphBuilder(kit, [3, 32, 32]);
  const stem = graph.add('Relu', [graph.batchNorm(graph.conv('x', 3, 16, 3), 16)]);
  return graph.model(graph.head(stages(graph, stem, 16, [16, 32, 64], 3), 64, 10));
}

/** ResNet-18 as torchvision has it. */
export function resNet18(kit) {
  const graph = new GraphBuilder(kit, [3, 224, 224]);
  const stem = graph.add('Relu', [graph.batchNorm(graph.conv('x', 3, 64, 7, { stride: 2 }), 64)]);
  const pooled = graph.add('MaxPool', [stem], { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] });
  return graph.model(graph.head(stages(graph, pooled, 64, [64, 128, 256, 512], 2), 512, 1000));
}
