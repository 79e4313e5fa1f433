import { addedInBlocks, biasedInBlocks } from '../blocks/fusedInBlocks.js';
import type { TensorType } from '../elementType.js';
import { binary, broadcastShape, cast, reshape, unary, where } from '../emit.js';
import type { PendingGraph } from '../pendingGraph.js';
import { reshapeTraced } from '../reshapeTraced.js';
import type { Source } from '../source.js';
import { plainOrder, type Traced } from '../traced.js';
import { castTraced, commonType, isOne, mapAligned } from './elementwise.js';
import { type Kernel, kernel } from './kernel.js';

type Formula = (graph: PendingGraph, a: Source, b: Source) => Source;

/** A kernel of two operands that are brought to their common type first. */
function pairKernel(name: string, formula: Formula, operands?: (common: TensorType) => TensorType): Kernel {
  return kernel(name, (graph, inputs) => {
    const pair = [inputs.get('a'), inputs.get('b')];
    const common = commonType(pair);
    const type = operands?.(common) ?? common;
    return mapAligned(
      graph,
      pair.map((value) => castTraced(graph, value, type)),
      (a, b) => formula(graph, a!, b!),
    );
  });
}

const numeric = (common: TensorType): TensorType => (common === 'bool' ? 'int32' : common);

/** Arithmetic; bool operands count as 0 and 1 and the result is bool again. */
function arithmetic(name: string, formula: Formula): Kernel {
  return kernel(name, (graph, inputs) => {
    const pair = [inputs.get('a'), inputs.get('b')];
    const common = commonType(pair);
    const result = mapAligned(
      graph,
      pair.map((value) => castTraced(graph, value, numeric(common))),
      (a, b) => formula(graph, a!, b!),
    );
    return castTraced(graph, result, common);
  });
}

function comparison(name: string, op: string): Kernel {
  return pairKernel(name, (graph, a, b) => binary(graph, op, a, b, 'bool'), numeric);
}

function logical(name: string, op: string): Kernel {
  return pairKernel(
    name,
    (graph, a, b) => binary(graph, op, a, b),
    () => 'bool',
  );
}

/** A value seen in a larger shape, without a node that repeats it. */
function repeatedTo(graph: PendingGraph, value: Traced, shape: readonly number[]): Traced {
  const rank = shape.length;
  const missing = rank - value.shape.length;
  if (missing === 0) return { ...value, shape };
  const order = [...plainOrder(missing), ...value.order.map((axis) => axis + missing)];
  const ones = new Array<number>(missing).fill(1);
  return { ...value, shape, order, source: reshape(graph, value.source, [...ones, ...value.source.shape]) };
}

// Gradients of sums multiply by an array of ones only to repeat the other operand.
const multiply = arithmetic('Multiply', (graph, a, b) => binary(graph, 'Mul', a, b));
const multiplyKernel: Kernel = kernel('Multiply', (graph, inputs, attributes) => {
  const a = inputs.get('a');
  const b = inputs.get('b');
  if (isOne(a)) return castTraced(graph, repeatedTo(graph, b, broadcastShape(a.shape, b.shape)), commonType([a, b]));
  if (isOne(b)) return castTraced(graph, repeatedTo(graph, a, broadcastShape(a.shape, b.shape)), commonType([a, b]));
  return multiply.trace(graph, inputs, attributes);
});

// The remainder takes the sign of the divisor. An integer division by zero would end the process.
function floorMod(graph: PendingGraph, a: Source, b: Source): Source {
  const zero = graph.scalar(a.type, 0);
  if (a.type !== 'float32') {
    const isZero = binary(graph, 'Equal', b, zero, 'bool');
    return where(graph, isZero, zero, binary(graph, 'Mod', a, where(graph, isZero, graph.scalar(a.type, 1), b)));
  }
  const rest = binary(graph, 'Mod', a, b);
  const isOpposite = binary(
    graph,
    'Xor',
    binary(graph, 'Less', a, zero, 'bool'),
    binary(graph, 'Less', b, zero, 'bool'),
  );
  return where(graph, isOpposite, binary(graph, 'Mod', binary(graph, 'Add', rest, b), b), rest);
}

// In float64 the quotient of two int32 is exact enough to be floored, and zero divides without a fault.
function floorDiv(graph: PendingGraph, a: Source, b: Source): Source {
  const quotient = binary(graph, 'Div', cast(graph, a, 'float64'), cast(graph, b, 'float64'));
  const floored = unary(graph, 'Floor', quotient);
  const hasValue = binary(graph, 'Equal', binary(graph, 'Sub', floored, floored), graph.scalar('float64', 0), 'bool');
  return cast(graph, where(graph, hasValue, floored, graph.scalar('float64', 0)), 'int32');
}

function atan2(graph: PendingGraph, y: Source, x: Source): Source {
  const zero = graph.scalar('float32', 0);
  const angle = unary(graph, 'Atan', binary(graph, 'Div', y, x));
  const halfTurn = where(
    graph,
    binary(graph, 'Less', y, zero, 'bool'),
    graph.scalar('float32', -Math.PI),
    graph.scalar('float32', Math.PI),
  );
  const turned = where(graph, binary(graph, 'Less', x, zero, 'bool'), binary(graph, 'Add', angle, halfTurn), angle);
  const isOrigin = binary(
    graph,
    'And',
    binary(graph, 'Equal', x, zero, 'bool'),
    binary(graph, 'Equal', y, zero, 'bool'),
  );
  return where(graph, isOrigin, zero, turned);
}

function squaredDifference(graph: PendingGraph, a: Source, b: Source): Source {
  const difference = binary(graph, 'Sub', a, b);
  return binary(graph, 'Mul', difference, difference);
}

const sum: Formula = (graph, a, b) => addedInBlocks(graph, a, b) ?? binary(graph, 'Add', a, b);
const add = arithmetic('Add', sum);

/** Kernels of two operands, and those that read like one. */
export const binaryKernels: readonly Kernel[] = [
  kernel('Add', (graph, inputs, attributes) => {
    const a = inputs.get('a');
    const b = inputs.get('b');
    return biasedInBlocks(graph, a, b) ?? biasedInBlocks(graph, b, a) ?? add.trace(graph, inputs, attributes);
  }),
  kernel('AddN', (graph, inputs) => {
    const values = inputs.all();
    return values.reduce((total, value) => mapAligned(graph, [total, value], (a, b) => sum(graph, a!, b!)));
  }),
  pairKernel('Atan2', atan2, () => 'float32'),
  pairKernel('BitwiseAnd', (graph, a, b) => binary(graph, 'BitwiseAnd', a, b)),
  comparison('Equal', 'Equal'),
  pairKernel('FloorDiv', floorDiv, numeric),
  comparison('Greater', 'Greater'),
  comparison('GreaterEqual', 'GreaterOrEqual'),
  comparison('Less', 'Less'),
  comparison('LessEqual', 'LessOrEqual'),
  logical('LogicalAnd', 'And'),
  logical('LogicalOr', 'Or'),
  arithmetic('Maximum', (graph, a, b) => binary(graph, 'Max', a, b)),
  arithmetic('Minimum', (graph, a, b) => binary(graph, 'Min', a, b)),
  arithmetic('Mod', floorMod),
  multiplyKernel,
  pairKernel('NotEqual', (graph, a, b) => unary(graph, 'Not', binary(graph, 'Equal', a, b, 'bool')), numeric),
  arithmetic('Pow', (graph, a, b) => binary(graph, 'Pow', a, b)),
  pairKernel(
    'RealDiv',
    (graph, a, b) => binary(graph, 'Div', a, b),
    () => 'float32',
  ),
  arithmetic('SquaredDifference', squaredDifference),
  arithmetic('Sub', (graph, a, b) => binary(graph, 'Sub', a, b)),
  kernel('EluGrad', (graph, inputs) =>
    mapAligned(graph, [inputs.get('dy'), inputs.get('y')], (dy, y) => {
      const slope = binary(graph, 'Add', y!, graph.scalar('float32', 1));
      const isPositive = binary(graph, 'GreaterOrEqual', y!, graph.scalar('float32', 0), 'bool');
      return where(graph, isPositive, dy!, binary(graph, 'Mul', dy!, slope));
    }),
  ),
  kernel('Prelu', (graph, inputs) => {
    const operands = [inputs.get('x'), inputs.get('alpha')].map((value) => castTraced(graph, value, 'float32'));
    return mapAligned(graph, operands, (x, alpha) => {
      const isNegative = binary(graph, 'Less', x!, graph.scalar('float32', 0), 'bool');
      return where(graph, isNegative, binary(graph, 'Mul', alpha!, x!), x!);
    });
  }),
  kernel('Select', (graph, inputs) => {
    const t = inputs.get('t');
    const e = inputs.get('e');
    const type = commonType([t, e]);
    const operands = [t, e].map((value) => castTraced(graph, value, numeric(type)));
    const condition = castTraced(graph, selector(graph, inputs.get('condition'), t.shape.length), 'bool');
    const result = mapAligned(graph, [condition, ...operands], (test, a, b) => where(graph, test!, a!, b!));
    return castTraced(graph, result, type);
  }),
];

// A condition of rank 1 chooses whole rows.
function selector(graph: PendingGraph, condition: Traced, rank: number): Traced {
  if (condition.shape.length !== 1 || rank <= 1) return condition;
  const ones = new Array<number>(rank - 1).fill(1);
  return reshapeTraced(graph, condition, [...condition.shape, ...ones]);
}
