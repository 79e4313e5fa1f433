import { type ElementType, onnxTypeCode } from './elementType.js';
import type { Program } from './program.js';
import { ProtoWriter } from './protoWriter.js';
import { type AttributeValue, fixedData, type PendingNode, type Source } from './source.js';

const irVersion = 10;
const opset = 21;

/** AttributeProto.AttributeType numbers of the ONNX standard. */
const attributeType = { float: 1, int: 2, string: 3, floats: 6, ints: 7 } as const;

/** The bytes of an ONNX ModelProto for a program; field numbers are those of onnx.proto. */
export function encodeProgram(program: Program): Uint8Array {
  const graph = new ProtoWriter();
  for (const node of program.nodes) graph.bytes(1, encodeNode(node, program.names));
  graph.string(2, 'pending');
  for (const constant of program.constants) graph.bytes(5, encodeConstant(constant, program.names.get(constant)!));
  for (const input of program.inputs) graph.bytes(11, encodeValueInfo(input, program.names.get(input)!));
  for (const output of program.outputs) graph.bytes(12, encodeValueInfo(output, program.names.get(output)!));
  const model = new ProtoWriter()
    .int(1, irVersion)
    .string(2, 'onnx-morph')
    .bytes(7, graph.finish())
    .bytes(8, encodeOpset('', opset));
  const domains = new Set(program.nodes.map(({ domain }) => domain).filter((domain) => domain !== ''));
  for (const domain of domains) model.bytes(8, encodeOpset(domain, 1));
  return model.finish();
}

function encodeOpset(domain: string, version: number): Uint8Array {
  return new ProtoWriter().string(1, domain).int(2, version).finish();
}

function encodeNode(node: PendingNode, names: ReadonlyMap<Source, string>): Uint8Array {
  const writer = new ProtoWriter();
  for (const input of node.inputs) writer.string(1, input === undefined ? '' : names.get(input)!);
  for (const output of node.outputs) writer.string(2, names.get(output)!);
  writer.string(4, node.op);
  for (const [name, value] of Object.entries(node.attributes)) writer.bytes(5, encodeAttribute(name, value));
  if (node.domain !== '') writer.string(7, node.domain);
  return writer.finish();
}

function encodeAttribute(name: string, value: AttributeValue): Uint8Array {
  const writer = new ProtoWriter().string(1, name);
  if (typeof value === 'number') return writer.int(3, value).int(20, attributeType.int).finish();
  if (typeof value === 'string') return writer.string(4, value).int(20, attributeType.string).finish();
  if ('float' in value) return writer.float(2, value.float).int(20, attributeType.float).finish();
  if ('floats' in value) {
    for (const float of value.floats) writer.float(7, float);
    return writer.int(20, attributeType.floats).finish();
  }
  return writer.ints(8, value).int(20, attributeType.ints).finish();
}

function encodeConstant(source: Source, name: string): Uint8Array {
  const { buffer, byteOffset, byteLength } = fixedData(source);
  return new ProtoWriter()
    .ints(1, source.shape)
    .int(2, onnxTypeCode[source.type])
    .string(8, name)
    .bytes(9, new Uint8Array(buffer, byteOffset, byteLength))
    .finish();
}

function encodeValueInfo(source: Source, name: string): Uint8Array {
  return new ProtoWriter().string(1, name).bytes(2, encodeTensorType(source.type, source.shape)).finish();
}

function encodeTensorType(type: ElementType, shape: readonly number[]): Uint8Array {
  const dims = new ProtoWriter();
  for (const dim of shape) dims.bytes(1, new ProtoWriter().int(1, dim).finish());
  const tensor = new ProtoWriter().int(1, onnxTypeCode[type]).bytes(2, dims.finish()).finish();
  return new ProtoWriter().bytes(1, tensor).finish();
}
