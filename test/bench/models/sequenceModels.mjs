import { GraphBuilder } from './graphBuilder.mjs';

const WIDTH = 192;
const HEADS = 3;
const LAYERS = 6;
const TOKENS = 65;

/**
 * A small vision transformer on 32×32 images in patches of 4×4: torchvision's VisionTransformer with 6 layers of width
 * 192, 3 heads, and a hidden width of 768.
 */
export function visionTransformer(kit) {
  const graph = new GraphBuilder(kit, [3, 32, 32]);
  const dense = (x, from, to) =>
    graph.add('Add', [graph.add('MatMul', [x, graph.weights([from, to], 1 / Math.sqrt(from))]), graph.filled([to], 0)]);
  const norm = (x) =>
    graph.add('LayerNormalization', [x, graph.filled([WIDTH], 1), graph.filled([WIDTH], 0)], {
      axis: -1,
      epsilon: { float: 1e-6 },
    });
  const reshaped = (x, ...dims) => graph.add('Reshape', [x, graph.integers(...dims)]);
  const patches = graph.add(
    'Conv',
    ['x', graph.weights([WIDTH, 3, 4, 4], 1 / Math.sqrt(48)), graph.filled([WIDTH], 0)],
    { kernel_shape: [4, 4], strides: [4, 4] },
  );
  const sequence = graph.add('Transpose', [reshaped(patches, 0, WIDTH, TOKENS - 1)], { perm: [0, 2, 1] });
  const batch = graph.add('Slice', [graph.add('Shape', ['x']), graph.integers(0), graph.integers(1)]);
  const size = graph.add('Concat', [batch, graph.integers(1, WIDTH)], { axis: 0 });
  const first = graph.add('Expand', [graph.weights([1, 1, WIDTH], 0.02), size]);
  let x = graph.add('Add', [
    graph.add('Concat', [first, sequence], { axis: 1 }),
    graph.weights([1, TOKENS, WIDTH], 0.02),
  ]);
  const [half, one, root2] = [0.5, 1, Math.SQRT2].map((value) => graph.filled([], value));
  const gelu = (y) =>
    graph.add('Mul', [
      graph.add('Mul', [y, half]),
      graph.add('Add', [graph.add('Erf', [graph.add('Div', [y, root2])]), one]),
    ]);
  const scale = graph.filled([], 1 / Math.sqrt(WIDTH / HEADS));
  for (let layer = 0; layer < LAYERS; layer++) {
    const packed = reshaped(dense(norm(x), WIDTH, 3 * WIDTH), 0, TOKENS, 3, HEADS, WIDTH / HEADS);
    const parts = graph.add('Split', [packed, graph.integers(1, 1, 1)], { axis: 2 }, 3);
    const [q, k, v] = parts.map((part, i) =>
      graph.add('Transpose', [graph.add('Squeeze', [part, graph.integers(2)])], {
        perm: i === 1 ? [0, 2, 3, 1] : [0, 2, 1, 3],
      }),
    );
    const scores = graph.add('Softmax', [graph.add('Mul', [graph.add('MatMul', [q, k]), scale])], { axis: -1 });
    const mixed = graph.add('Transpose', [graph.add('MatMul', [scores, v])], { perm: [0, 2, 1, 3] });
    x = graph.add('Add', [x, dense(reshaped(mixed, 0, TOKENS, WIDTH), WIDTH, WIDTH)]);
    x = graph.add('Add', [x, dense(gelu(dense(norm(x), WIDTH, 4 * WIDTH)), 4 * WIDTH, WIDTH)]);
  }
  const token = graph.add('Gather', [norm(x), graph.index(0)], { axis: 1 });
  return graph.model(graph.dense(token, WIDTH, 10));
}

const FRAMES = 32;
const FEATURES = 40;
const HIDDEN = 128;

/** An LSTM of width 128 over 32 frames of 40 features, and a dense layer on its last state. */
export function lstmClassifier(kit) {
  const graph = new GraphBuilder(kit, [FRAMES, FEATURES]);
  const frames = graph.add('Transpose', ['x'], { perm: [1, 0, 2] });
  const deviation = 1 / Math.sqrt(HIDDEN);
  const [, state] = graph.add(
    'LSTM',
    [
      frames,
      graph.weights([1, 4 * HIDDEN, FEATURES], deviation),
      graph.weights([1, 4 * HIDDEN, HIDDEN], deviation),
      graph.filled([1, 8 * HIDDEN], 0),
    ],
    { hidden_size: HIDDEN },
    2,
  );
  return graph.model(graph.dense(graph.add('Squeeze', [state, graph.integers(0)]), HIDDEN, 12));
}
