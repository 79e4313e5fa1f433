import {
  type BackendValues,
  type DataId,
  DataStorage,
  type DataType,
  KernelBackend,
  type TensorInfo,
  util,
} from '@tensorflow/tfjs-core';
import { Tensor } from 'onnxruntime-node';
import { type HostArray, hostArrayOf, sizeOf, type TensorType, tensorType } from './elementType.js';
import type { Executor } from './executor.js';
import { toLogicalOrder } from './hostOrder.js';
import { readyTensor, rootOf, Source } from './source.js';
import { plainTraced, type Traced } from './traced.js';

interface Entry {
  readonly value: Traced;
  refCount: number;
}

/**
 * Smallest uniform array of ones that is taken for a constant. tf.js gradients of sums multiply by such arrays,
 * megabytes of them; parameters that start at one are smaller, and must stay inputs of the graph.
 */
const uniformSize = 8192;

type DataMover = ConstructorParameters<typeof DataStorage>[1];

/** The tf.js side of the backend: data ids, reading and writing. */
export class OnnxRuntimeBackend extends KernelBackend {
  readonly #data: DataStorage<Entry>;

  /** Told of each tensor that is made from numbers. */
  onMade: ((source: Source, numbers: BackendValues, shape: readonly number[]) => void) | undefined;

  constructor(
    readonly executor: Executor,
    mover: DataMover,
  ) {
    super();
    this.#data = new DataStorage<Entry>(this, mover);
  }

  /** The traced value of a tensor; data of another backend moves here first. */
  traced(info: TensorInfo): Traced {
    return this.#data.get(info.dataId).value;
  }

  /** The traced value of a tensor that lives here; undefined for one of another backend. */
  tracedIfOwn({ dataId }: TensorInfo): Traced | undefined {
    return this.#data.has(dataId) ? this.#data.get(dataId).value : undefined;
  }

  /** A source that holds numbers, in one dimension. */
  fed(numbers: Float32Array): Source {
    return fedSource(numbers, 'float32', [numbers.length]);
  }

  /** Makes a traced value known to tf.js. */
  register(value: Traced): TensorInfo {
    const dataId = {};
    this.#put(dataId, value, 1);
    return { dataId, shape: [...value.shape], dtype: value.type };
  }

  /** One more tensor on the data id of another. */
  share({ dataId }: TensorInfo): TensorInfo {
    this.incRef(dataId);
    const { shape, type } = this.#data.get(dataId).value;
    return { dataId, shape: [...shape], dtype: type };
  }

  override write(values: BackendValues, shape: number[], dtype: DataType): DataId {
    const dataId = {};
    this.move(dataId, values, shape, dtype, 1);
    return dataId;
  }

  override move(dataId: DataId, values: BackendValues, shape: number[], dtype: DataType, refCount: number): void {
    const type = tensorType(dtype);
    const value = isAllOnes(values)
      ? this.#ones(type, shape)
      : plainTraced(fedSource(elements(values, type), type, shape));
    this.#put(dataId, value, refCount);
    this.onMade?.(value.source, values, shape);
  }

  override async read(dataId: DataId): Promise<BackendValues> {
    const { value } = this.#data.get(dataId);
    const { state } = value.source;
    const data = state.kind === 'constant' ? state.data : (await this.executor.tensor(value.source)).data;
    return toLogicalOrder(data as HostArray, value) as BackendValues;
  }

  override readSync(dataId: DataId): BackendValues {
    const { value } = this.#data.get(dataId);
    const kind = rootOf(value.source).state.kind;
    if (kind === 'pending' || kind === 'inFlight') {
      throw new Error(
        `onnxruntime backend: this tensor of shape [${value.shape}] is not computed yet, and it cannot be computed synchronously; use 'await tensor.data()' or 'await flush()' before dataSync()`,
      );
    }
    const { state } = value.source;
    const data = state.kind === 'constant' ? state.data : readyTensor(value.source).data;
    return toLogicalOrder(data as HostArray, value) as BackendValues;
  }

  override disposeData(dataId: DataId, force = false): boolean {
    if (!this.#data.has(dataId)) return true;
    const entry = this.#data.get(dataId);
    entry.refCount--;
    if (!force && entry.refCount > 0) return false;
    entry.value.source.holders--;
    this.#data.delete(dataId);
    return true;
  }

  override refCount(dataId: DataId): number {
    return this.#data.has(dataId) ? this.#data.get(dataId).refCount : 0;
  }

  override incRef(dataId: DataId): void {
    this.#data.get(dataId).refCount++;
  }

  decRef(dataId: DataId): void {
    if (this.#data.has(dataId)) this.#data.get(dataId).refCount--;
  }

  override numDataIds(): number {
    return this.#data.numDataIds();
  }

  override memory(): { unreliable: boolean; reasons: string[] } {
    return { unreliable: true, reasons: ['Values that are not computed yet are counted as if they were.'] };
  }

  override timerAvailable(): boolean {
    return true;
  }

  /** How long ONNX Runtime takes for what the query asks for, a session to be made included. */
  override async time(query: () => void): Promise<{ kernelMs: number }> {
    // What is pending belongs to others, and so does its failure.
    const before = this.executor.flush().catch(() => undefined);
    query();
    const asked = this.executor.flush();
    await before;
    const start = util.now();
    await asked;
    return { kernelMs: util.now() - start };
  }

  override floatPrecision(): 16 | 32 {
    return 32;
  }

  override epsilon(): number {
    return 1e-7;
  }

  override dispose(): void {
    // Sessions are released behind the work that still uses them; nobody is left to be told of a failure.
    void this.executor.close();
  }

  #put(dataId: DataId, value: Traced, refCount: number): void {
    value.source.holders++;
    this.#data.set(dataId, { value, refCount });
  }

  #ones(type: TensorType, shape: readonly number[]): Traced {
    const one = this.executor.graph.constant(
      type,
      shape.map(() => 1),
      [1],
    );
    return { ...plainTraced(one), shape };
  }
}

function fedSource(data: HostArray, type: TensorType, shape: readonly number[]): Source {
  if (data.length !== sizeOf(shape)) {
    throw new Error(`onnxruntime backend: ${data.length} values do not fill shape [${shape}]`);
  }
  return new Source(type, shape, { kind: 'ready', tensor: new Tensor(type, data as Float32Array, shape) });
}

function elements(values: BackendValues, type: TensorType): HostArray {
  const numbers = values as Float32Array | Int32Array | Uint8Array;
  const fits =
    (type === 'float32' && numbers instanceof Float32Array) ||
    (type === 'int32' && numbers instanceof Int32Array) ||
    (type === 'bool' && numbers.constructor === Uint8Array);
  // A copy: the kernels run later, and by then the caller may have filled the array anew.
  return fits ? numbers.slice() : hostArrayOf(type, numbers);
}

function isAllOnes(data: BackendValues): boolean {
  if (data.length < uniformSize) return false;
  for (let i = 0; i < data.length; i++) if (data[i] !== 1) return false;
  return true;
}
