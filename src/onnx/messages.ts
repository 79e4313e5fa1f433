/**
 * @file The messages of an ONNX file as TypeScript, one interface per message of `proto/onnx.proto`.
 *
 * Field names are the standard's in camelCase. An optional field that the file does not set is an absent property; a
 * repeated field is always there, empty if need be. 64-bit integers are `bigint`; bytes are views over the file's
 * buffer, never copies, or still in the file. Fields that this version of the standard does not know are kept, as raw wire bytes, in
 * `unknownFields`, and written back.
 *
 * @see https://onnx.ai/onnx/repo-docs/IR.html
 */

import type { Bytes } from './storedBytes.js';

/** What every message may carry. */
export interface Message {
  /** Fields (tag and value, wire format) that the schema does not know, in the file's order. */
  readonly unknownFields?: readonly Uint8Array[];
}

export interface ModelProto extends Message {
  readonly irVersion?: bigint;
  readonly producerName?: string;
  readonly producerVersion?: string;
  readonly domain?: string;
  readonly modelVersion?: bigint;
  readonly docString?: string;
  readonly graph?: GraphProto;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly metadataProps: readonly StringStringEntryProto[];
  readonly trainingInfo: readonly TrainingInfoProto[];
  readonly functions: readonly FunctionProto[];
  readonly configuration: readonly DeviceConfigurationProto[];
}

export interface OperatorSetIdProto extends Message {
  /** '' and absent are ai.onnx. */
  readonly domain?: string;
  readonly version?: bigint;
}

export interface StringStringEntryProto extends Message {
  readonly key?: string;
  readonly value?: string;
}

export interface TrainingInfoProto extends Message {
  readonly initialization?: GraphProto;
  readonly algorithm?: GraphProto;
  readonly initializationBinding: readonly StringStringEntryProto[];
  readonly updateBinding: readonly StringStringEntryProto[];
}

export interface FunctionProto extends Message {
  readonly name?: string;
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly attribute: readonly string[];
  readonly node: readonly NodeProto[];
  readonly docString?: string;
  readonly opsetImport: readonly OperatorSetIdProto[];
  readonly domain?: string;
  readonly attributeProto: readonly AttributeProto[];
  readonly valueInfo: readonly ValueInfoProto[];
  readonly overload?: string;
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface GraphProto extends Message {
  readonly node: readonly NodeProto[];
  readonly name?: string;
  readonly initializer: readonly TensorProto[];
  readonly docString?: string;
  readonly input: readonly ValueInfoProto[];
  readonly output: readonly ValueInfoProto[];
  readonly valueInfo: readonly ValueInfoProto[];
  readonly quantizationAnnotation: readonly TensorAnnotation[];
  readonly sparseInitializer: readonly SparseTensorProto[];
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface NodeProto extends Message {
  /** Value names; '' is an optional input left out. */
  readonly input: readonly string[];
  readonly output: readonly string[];
  readonly name?: string;
  readonly opType?: string;
  readonly attribute: readonly AttributeProto[];
  readonly docString?: string;
  readonly domain?: string;
  readonly overload?: string;
  readonly metadataProps: readonly StringStringEntryProto[];
  readonly deviceConfigurations: readonly NodeDeviceConfigurationProto[];
}

export interface AttributeProto extends Message {
  readonly name?: string;
  readonly f?: number;
  readonly i?: bigint;
  /** UTF-8 text in nearly every operator, but not by law: kept as bytes. */
  readonly s?: Uint8Array;
  readonly t?: TensorProto;
  readonly g?: GraphProto;
  readonly floats: readonly number[];
  readonly ints: readonly bigint[];
  readonly strings: readonly Uint8Array[];
  readonly tensors: readonly TensorProto[];
  readonly graphs: readonly GraphProto[];
  readonly docString?: string;
  readonly tp?: TypeProto;
  readonly typeProtos: readonly TypeProto[];
  /** One of `AttributeType`; another number where a newer standard wrote it. */
  readonly type?: number;
  readonly refAttrName?: string;
  readonly sparseTensor?: SparseTensorProto;
  readonly sparseTensors: readonly SparseTensorProto[];
}

/** Which field of an `AttributeProto` holds its value. */
export const AttributeType = {
  UNDEFINED: 0,
  FLOAT: 1,
  INT: 2,
  STRING: 3,
  TENSOR: 4,
  GRAPH: 5,
  FLOATS: 6,
  INTS: 7,
  STRINGS: 8,
  TENSORS: 9,
  GRAPHS: 10,
  SPARSE_TENSOR: 11,
  SPARSE_TENSORS: 12,
  TYPE_PROTO: 13,
  TYPE_PROTOS: 14,
} as const;

export interface ValueInfoProto extends Message {
  readonly name?: string;
  readonly type?: TypeProto;
  readonly docString?: string;
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface TensorAnnotation extends Message {
  readonly tensorName?: string;
  readonly quantParameterTensorNames: readonly StringStringEntryProto[];
}

/** Where the bytes of a `TensorProto` are. */
export const DataLocation = { DEFAULT: 0, EXTERNAL: 1 } as const;

export interface TensorProto extends Message {
  readonly dims: readonly bigint[];
  /** One of `DataType`; another number where a newer standard wrote it. */
  readonly dataType?: number;
  readonly segment?: TensorSegment;
  readonly floatData: Float32Array;
  readonly int32Data: Int32Array;
  readonly stringData: readonly Uint8Array[];
  readonly int64Data: BigInt64Array;
  readonly name?: string;
  /** In memory, or still in the model's file. */
  readonly rawData?: Bytes;
  readonly doubleData: Float64Array;
  readonly uint64Data: BigUint64Array;
  readonly docString?: string;
  readonly externalData: readonly StringStringEntryProto[];
  readonly dataLocation?: number;
  readonly metadataProps: readonly StringStringEntryProto[];
}

export interface TensorSegment extends Message {
  readonly begin?: bigint;
  readonly end?: bigint;
}

export interface SparseTensorProto extends Message {
  readonly values?: TensorProto;
  readonly indices?: TensorProto;
  readonly dims: readonly bigint[];
}

export interface TensorShapeProto extends Message {
  readonly dim: readonly Dimension[];
}

/** A size, or the name of a size that is free, or neither: unknown. */
export interface Dimension extends Message {
  readonly dimValue?: bigint;
  readonly dimParam?: string;
  readonly denotation?: string;
}

/** At most one of the `…Type` properties is set. */
export interface TypeProto extends Message {
  readonly tensorType?: TensorType;
  readonly sequenceType?: SequenceType;
  readonly mapType?: MapType;
  readonly opaqueType?: OpaqueType;
  readonly sparseTensorType?: SparseTensorType;
  readonly optionalType?: OptionalType;
  readonly denotation?: string;
}

export interface TensorType extends Message {
  readonly elemType?: number;
  /** Absent: even the rank is unknown. */
  readonly shape?: TensorShapeProto;
}

export interface SequenceType extends Message {
  readonly elemType?: TypeProto;
}

export interface MapType extends Message {
  readonly keyType?: number;
  readonly valueType?: TypeProto;
}

export interface OptionalType extends Message {
  readonly elemType?: TypeProto;
}

export interface SparseTensorType extends Message {
  readonly elemType?: number;
  readonly shape?: TensorShapeProto;
}

export interface OpaqueType extends Message {
  readonly domain?: string;
  readonly name?: string;
}

export interface DeviceConfigurationProto extends Message {
  readonly name?: string;
  readonly numDevices?: number;
  readonly device: readonly string[];
}

export interface NodeDeviceConfigurationProto extends Message {
  readonly configurationId?: string;
  readonly shardingSpec: readonly ShardingSpecProto[];
  readonly pipelineStage?: number;
}

export interface ShardingSpecProto extends Message {
  readonly tensorName?: string;
  readonly device: readonly bigint[];
  readonly indexToDeviceGroupMap: readonly IntIntListEntryProto[];
  readonly shardedDim: readonly ShardedDimProto[];
}

export interface ShardedDimProto extends Message {
  readonly axis?: bigint;
  readonly simpleSharding: readonly SimpleShardedDimProto[];
}

export interface SimpleShardedDimProto extends Message {
  readonly dimValue?: bigint;
  readonly dimParam?: string;
  readonly numShards?: bigint;
}

export interface IntIntListEntryProto extends Message {
  readonly key?: bigint;
  readonly value: readonly bigint[];
}

/** Every message by its name in the standard, without the package. */
export interface MessageTypes {
  readonly ModelProto: ModelProto;
  readonly OperatorSetIdProto: OperatorSetIdProto;
  readonly StringStringEntryProto: StringStringEntryProto;
  readonly TrainingInfoProto: TrainingInfoProto;
  readonly FunctionProto: FunctionProto;
  readonly GraphProto: GraphProto;
  readonly NodeProto: NodeProto;
  readonly AttributeProto: AttributeProto;
  readonly ValueInfoProto: ValueInfoProto;
  readonly TensorAnnotation: TensorAnnotation;
  readonly TensorProto: TensorProto;
  readonly 'TensorProto.Segment': TensorSegment;
  readonly SparseTensorProto: SparseTensorProto;
  readonly TensorShapeProto: TensorShapeProto;
  readonly 'TensorShapeProto.Dimension': Dimension;
  readonly TypeProto: TypeProto;
  readonly 'TypeProto.Tensor': TensorType;
  readonly 'TypeProto.Sequence': SequenceType;
  readonly 'TypeProto.Map': MapType;
  readonly 'TypeProto.Optional': OptionalType;
  readonly 'TypeProto.SparseTensor': SparseTensorType;
  readonly 'TypeProto.Opaque': OpaqueType;
  readonly DeviceConfigurationProto: DeviceConfigurationProto;
  readonly NodeDeviceConfigurationProto: NodeDeviceConfigurationProto;
  readonly ShardingSpecProto: ShardingSpecProto;
  readonly ShardedDimProto: ShardedDimProto;
  readonly SimpleShardedDimProto: SimpleShardedDimProto;
  readonly IntIntListEntryProto: IntIntListEntryProto;
}
