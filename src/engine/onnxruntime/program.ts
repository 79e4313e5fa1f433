import { sizeOf } from './elementType.js';
import { type Attributes, type AttributeValue, fixedData, type PendingNode, type Source } from './source.js';

/** One flush: the nodes to run, what to feed, what to keep. */
export interface Program {
  /** Names the structure: equal keys can share one session. */
  readonly key: string;
  readonly nodes: readonly PendingNode[];
  /** fed in this order as `i0`, `i1`, … */
  readonly inputs: readonly Source[];
  readonly outputs: readonly Source[];
  /** embedded constants */
  readonly constants: readonly Source[];
  readonly names: ReadonlyMap<Source, string>;
}

/**
 * Cuts the pending nodes down to those that held sources depend on, and names everything in a way that
 * depends on the structure alone. Sources that nobody holds are marked dropped.
 *
 * @param isFixed whether numbers that are there already stay the same at every run: small ones become constants
 * @returns undefined when nothing has to be computed
 */
export function programOf(
  pending: readonly PendingNode[],
  isFixed: (source: Source) => boolean = () => false,
): Program | undefined {
  const needed = new Set<PendingNode>();
  for (let i = pending.length - 1; i >= 0; i--) {
    const node = pending[i]!;
    if (!needed.has(node) && !node.outputs.some((output) => output.holders > 0)) {
      for (const output of node.outputs) output.state = { kind: 'dropped' };
      continue;
    }
    needed.add(node);
    for (const input of node.inputs) if (input?.state.kind === 'pending') needed.add(input.state.node);
  }
  if (needed.size === 0) return undefined;

  const nodes = pending.filter((node) => needed.has(node));
  const names = new Map<Source, string>();
  const inputs: Source[] = [];
  const outputs: Source[] = [];
  const constants: Source[] = [];
  const lines: string[] = [];
  let values = 0;
  for (const node of nodes) {
    let line = `${node.domain}:${node.op}${attributesKey(node.attributes)}`;
    for (const input of node.inputs) {
      if (input === undefined) {
        line += ' -';
        continue;
      }
      let name = names.get(input);
      if (name === undefined) {
        const isConstant = input.state.kind === 'constant' || (isEmbeddable(input) && isFixed(input));
        name = isConstant ? `c${constants.push(input) - 1}` : `i${inputs.push(input) - 1}`;
        names.set(input, name);
        lines.push(sourceKey(name, input, isConstant));
      }
      line += ` ${name}`;
    }
    for (const output of node.outputs) {
      const name = `v${values++}`;
      names.set(output, name);
      line += output.holders > 0 ? ` >${name}` : ` ${name}`;
      if (output.holders > 0) outputs.push(output);
    }
    lines.push(line);
  }
  for (const node of nodes) {
    for (const output of node.outputs) if (output.holders === 0) output.state = { kind: 'dropped' };
  }
  return { key: lines.join('\n'), nodes, inputs, outputs, constants, names };
}

/** Larger ones are fed: they would make the model, and its name, large. */
const embeddedElements = 64;

function isEmbeddable({ state, shape }: Source): boolean {
  return state.kind === 'ready' && sizeOf(shape) <= embeddedElements;
}

function sourceKey(name: string, source: Source, isConstant: boolean): string {
  return `${name}=${source.type}[${source.shape.join()}]${isConstant ? fixedData(source).join() : ''}`;
}

function attributesKey(attributes: Attributes): string {
  let key = '';
  for (const name in attributes) {
    const value = attributes[name]!;
    key += `,${name}=${attributeKey(value)}`;
  }
  return key;
}

function attributeKey(value: AttributeValue): string {
  if (typeof value === 'object' && 'float' in value) return `f${value.float}`;
  return typeof value === 'object' && 'floats' in value ? `f${value.floats.join()}` : String(value);
}
