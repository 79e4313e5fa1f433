import { isTrained } from '../cost/costTerms.js';
import { trainErrors } from '../errors/trainErrors.js';
import { nodeLabel, type Value } from '../graph/graph.js';
import { tensorFloats } from '../onnx/tensorData.js';
import type { BoundModel, BoundNode } from '../ops/bindModel.js';
import { type FreshStart, type InputRole, inputRole } from '../ops/opDef.js';
import type { Rng } from '../random/rng.js';

/** Added numbers that are larger do not come of training: they are a mask. */
const LARGEST_ADDEND = 1e3;

/**
 * Weights for a network that begins anew, by the names of their values:
 *
 * - those of convolutions and products are normal with variance `2 / fan-in`, where the fan-in of a node is what one of
 *   its outputs sums over: its multiply-adds by its outputs
 * - those of recurrent layers of H units are even between `−1/√H` and `1/√H`, as in PyTorch
 * - embeddings and tokens are normal with a deviation of 0.02
 * - gains and factors are 1, slopes of PRelu 0.25, offsets, biases and addends 0, running means 0 and variances 1
 *
 * Addends that are masks (infinite, or beyond 1,000) are left out: they stay what they are.
 *
 * @throws TRAIN_NO_FRESH_START where a constant is for something else
 * @see He et al., Delving Deep into Rectifiers, ICCV 2015, section 2.2
 */
export function freshWeights(model: BoundModel, rng: Rng): ReadonlyMap<string, Float32Array> {
  const weights = new Map<string, Float32Array>();
  for (const value of model.graph.values) {
    if (model.constant(value) === undefined || !model.hasType(value)) continue;
    const use = readerOf(model, value);
    if (!beginsAnew(model, value, use)) continue;
    const length = model.typeOf(value).dims.reduce((product, dim) => product * dim, 1);
    const fill = use === undefined ? undefined : fillOf(model, use, rng.fork(value.name));
    if (fill === undefined) {
      const [reader] = value.uses;
      throw trainErrors.noFreshStart(value.name, reader === undefined ? 'no node' : nodeLabel(reader.node));
    }
    weights.set(value.name, Float32Array.from({ length }, fill));
  }
  return weights;
}

/** How the numbers of a constant begin anew; undefined where it is not trained, and where there is no rule. */
export function freshFill(model: BoundModel, value: Value, rng: Rng): (() => number) | undefined {
  if (model.constant(value) === undefined || !model.hasType(value)) return undefined;
  const use = readerOf(model, value);
  if (use === undefined || !beginsAnew(model, value, use)) return undefined;
  return fillOf(model, use, rng);
}

type KnownNode = BoundNode & { readonly known: true };

/** What a constant is for, where one node or more read it. */
interface Reader {
  readonly bound: KnownNode;
  readonly input: number;
  readonly role: InputRole;
}

function readerOf(model: BoundModel, value: Value): Reader | undefined {
  for (const { node, input } of value.uses) {
    const bound = model.bound(node);
    if (!bound.known || input === 'capture') continue;
    const role = inputRole(bound.op, input);
    if (role !== 'setting') return { bound, input, role };
  }
  return undefined;
}

function fillOf(model: BoundModel, { bound, input, role }: Reader, rng: Rng): (() => number) | undefined {
  const own = bound.op.freshStart?.(bound.context, bound.attributes, input);
  if (own !== undefined) return filled(own, rng);
  switch (role) {
    case 'scale':
      return () => 1;
    case 'shift':
    case 'bias':
      return () => 0;
    case 'statistic':
      return () => (statisticsOf(bound)?.variance === input ? 1 : 0);
    case 'weight': {
      const fan = fanIn(model, bound);
      return fan === undefined ? undefined : filled({ deviation: Math.sqrt(2 / fan) }, rng);
    }
    default:
      return undefined;
  }
}

function filled(start: FreshStart, rng: Rng): () => number {
  if ('value' in start) return () => start.value;
  if ('bound' in start) return () => (2 * rng.next() - 1) * start.bound;
  return () => rng.normal() * start.deviation;
}

/** Whether a constant begins anew: trained ones, and running statistics. Caches, states and scales of others stay. */
function beginsAnew(model: BoundModel, value: Value, use: Reader | undefined): boolean {
  if (isTrained(model, value)) return !isMask(model, value, use);
  const statistics = use === undefined ? undefined : statisticsOf(use.bound);
  return use !== undefined && (statistics?.mean === use.input || statistics?.variance === use.input);
}

function statisticsOf({ op, context, attributes }: KnownNode) {
  return op.storedStatistics?.(context, attributes);
}

function isMask(model: BoundModel, value: Value, use: Reader | undefined): boolean {
  if (use?.role !== 'data' || use.bound.op.isSum !== true) return false;
  const numbers = tensorFloats(model.constant(value)!, model.graph.dir);
  return numbers.some((number) => !(Math.abs(number) <= LARGEST_ADDEND));
}

/** Undefined for nodes that have no multiply-adds, or several weights of which each has a share in them. */
function fanIn(model: BoundModel, { op, node, context, attributes }: KnownNode): number | undefined {
  const weights = node.inputs.filter((value, index) => value !== undefined && inputRole(op, index) === 'weight');
  const output = node.outputs[0];
  if (weights.length !== 1 || output === undefined) return undefined;
  const elements = (value: Value) => model.typeOf(value).dims.reduce((product, dim) => product * dim, 1);
  const macs = (op.macs?.(context, attributes) ?? []).reduce(
    (sum, { coefficient, axes }) =>
      sum + axes.reduce((product, { value, axis }) => product * model.typeOf(value).dims[axis]!, coefficient),
    0,
  );
  return macs > 0 ? macs / elements(output) : undefined;
}
