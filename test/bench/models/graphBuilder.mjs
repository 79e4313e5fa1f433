/** @file A builder of ONNX graphs with random weights. */

/** ONNX's number of float32. */
const FLOAT = 1;

/** A graph of one input 'x' and one output 'y', whose batch is free. */
export class GraphBuilder {
  #nodes = [];
  #initializers = [];
  #count = 0;

  /**
   * @param kit the functions of src/graph/make.ts, createMessage and createRng: from dist/ for the benchmark, from src/
   *   for its test
   * @param sample shape of the input without its batch
   */
  constructor(kit, sample) {
    this.kit = kit;
    this.sample = sample;
    this.rng = kit.createRng(0);
  }

  /** Adds a node. @returns the name of its output, or those of all where `outputs` are more than one */
  add(opType, inputs, attributes = {}, outputs = 1) {
    const name = `${opType}_${this.#count++}`;
    const names = Array.from({ length: outputs }, (_, i) => (i === 0 ? name : `${name}.${i}`));
    const { makeNode, makeIntegerAttribute, makeFloatAttribute } = this.kit;
    const list = Object.entries(attributes).map(([key, value]) =>
      typeof value === 'object' && 'float' in value
        ? makeFloatAttribute(key, value.float)
        : makeIntegerAttribute(key, value),
    );
    this.#nodes.push({ ...makeNode(opType, inputs, names, list), name });
    return outputs === 1 ? name : names;
  }

  /** Normally distributed weights. */
  weights(dims, deviation) {
    const size = dims.reduce((product, dim) => product * dim, 1);
    return this.#floats(
      Float32Array.from({ length: size }, () => deviation * this.rng.normal()),
      dims,
    );
  }

  filled(dims, value) {
    return this.#floats(new Float32Array(dims.reduce((product, dim) => product * dim, 1)).fill(value), dims);
  }

  integers(...values) {
    return this.#integers(values, [values.length]);
  }

  /** An integer without axes. */
  index(value) {
    return this.#integers([value], []);
  }

  /** x [N, C, H, W] through a square convolution, as PyTorch starts it (Kaiming, over the outputs). */
  conv(x, from, to, size, { stride = 1, padding = (size - 1) >> 1, group = 1, bias = false } = {}) {
    const weight = this.weights([to, from / group, size, size], Math.sqrt(2 / ((to / group) * size * size)));
    return this.add('Conv', [x, weight, ...(bias ? [this.filled([to], 0)] : [])], {
      kernel_shape: [size, size],
      strides: [stride, stride],
      pads: [padding, padding, padding, padding],
      group,
    });
  }

  batchNorm(x, channels) {
    const [gain, shift, mean, variance] = [1, 0, 0, 1].map((value) => this.filled([channels], value));
    return this.add('BatchNormalization', [x, gain, shift, mean, variance], {
      epsilon: { float: 1e-5 },
      momentum: { float: 0.9 },
    });
  }

  /** x [N, from] through a dense layer with a bias. */
  dense(x, from, to) {
    return this.add('Gemm', [x, this.weights([to, from], 1 / Math.sqrt(from)), this.filled([to], 0)], { transB: 1 });
  }

  /** x [N, C, H, W] → [N, classes]. */
  head(x, channels, classes) {
    return this.dense(this.add('Flatten', [this.add('GlobalAveragePool', [x])]), channels, classes);
  }

  #integers(values, dims) {
    const name = `c${this.#count++}`;
    this.#initializers.push(this.kit.makeIntegers(name, values, dims));
    return name;
  }

  #floats(values, dims) {
    const name = `w${this.#count++}`;
    this.#initializers.push(this.kit.makeFloats(name, values, dims));
    return name;
  }

  /** The model whose output is `result`. */
  model(result, opset = 17) {
    const { createMessage, makeNode, makeTensorType } = this.kit;
    const node = [...this.#nodes, { ...makeNode('Identity', [result], ['y']), name: 'output' }];
    return createMessage('ModelProto', {
      irVersion: 8n,
      opsetImport: [createMessage('OperatorSetIdProto', { domain: '', version: BigInt(opset) })],
      graph: createMessage('GraphProto', {
        name: 'bench',
        node,
        initializer: this.#initializers,
        input: [createMessage('ValueInfoProto', { name: 'x', type: makeTensorType(FLOAT, ['N', ...this.sample]) })],
        output: [createMessage('ValueInfoProto', { name: 'y' })],
      }),
    });
  }
}
