import type { Tensor } from 'onnxruntime-node';
import type { ElementType, HostArray } from './elementType.js';

/** An attribute of an ONNX node: number = INT, numbers = INTS, string = STRING, `{ float }` = FLOAT, `{ floats }` = FLOATS. */
export type AttributeValue =
  | number
  | string
  | readonly number[]
  | { readonly float: number }
  | { readonly floats: readonly number[] };
export type Attributes = Readonly<Record<string, AttributeValue>>;

/** A node of the pending graph; it has not been computed. */
export interface PendingNode {
  readonly op: string;
  /** '' is ai.onnx */
  readonly domain: string;
  /** undefined = an optional input that is left out */
  readonly inputs: readonly (Source | undefined)[];
  readonly attributes: Attributes;
  readonly outputs: Source[];
}

export type SourceState =
  /** to be computed by the next flush */
  | { readonly kind: 'pending'; readonly node: PendingNode }
  /** being computed; `done` settles when the state has changed */
  | { readonly kind: 'inFlight'; readonly done: Promise<void> }
  /** there */
  | { readonly kind: 'ready'; readonly tensor: Tensor }
  /** the same elements as another source that is not pending, in another shape */
  | { readonly kind: 'alias'; readonly of: Source }
  /** part of the structure: embedded in the model, never fed */
  | { readonly kind: 'constant'; readonly data: HostArray }
  /** the flush that should have computed it failed */
  | { readonly kind: 'failed'; readonly error: unknown }
  /** nobody held it when its graph was flushed, so it was never computed */
  | { readonly kind: 'dropped' };

/**
 * A physical array: the output of a pending node, a tensor, or a constant.
 *
 * What tf.js sees as a tensor is a {@link Traced} view on one of these.
 */
export class Source {
  /** How many tf.js data ids look at it; what is above zero at a flush is computed and kept. */
  holders = 0;
  /** the same image in blocks of channels, where it has been computed or asked for in that form */
  blocks: Source | undefined;

  constructor(
    readonly type: ElementType,
    readonly shape: readonly number[],
    public state: SourceState,
  ) {}
}

/** The numbers of a constant, or of a tensor that stays what it is. */
export function fixedData(source: Source): HostArray {
  return source.state.kind === 'constant' ? source.state.data : (readyTensor(source).data as HostArray);
}

/** What a chain of reshapes starts from. */
export function rootOf(source: Source): Source {
  return source.state.kind === 'alias' ? rootOf(source.state.of) : source;
}

/**
 * The tensor behind a source that has been computed.
 * @throws Error when its computation failed, or it has not been computed
 */
export function readyTensor(source: Source): Tensor {
  const { state } = source;
  switch (state.kind) {
    case 'ready':
      return state.tensor;
    case 'alias': {
      const tensor = readyTensor(state.of).reshape(source.shape);
      source.state = { kind: 'ready', tensor };
      return tensor;
    }
    case 'failed':
      throw new Error(`onnxruntime backend: the computation of this tensor failed before: ${String(state.error)}`, {
        cause: state.error,
      });
    default:
      throw new Error(`onnxruntime backend: a tensor that is ${state.kind} was used as if it were computed`);
  }
}
