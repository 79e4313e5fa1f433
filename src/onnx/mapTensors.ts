import type { MessageSchema } from './messageSchema.js';
import { messageSchema } from './messageSchema.js';
import type { ModelProto, TensorProto } from './messages.js';

/** @param owner the field that holds the tensor, as `GraphProto.initializer` */
export type TensorMap = (tensor: TensorProto, owner: string) => TensorProto;

type Fields = Readonly<Record<string, unknown>>;

function mapMessage(schema: MessageSchema, message: Fields, map: TensorMap, owner: string): Fields {
  if (schema.name === 'TensorProto') return map(message as unknown as TensorProto, owner) as unknown as Fields;
  const changed: Record<string, unknown> = {};
  for (const { name, message: inner, repeated } of schema.fields) {
    const value = message[name];
    if (inner === undefined || value === undefined) continue;
    const field = `${schema.name}.${name}`;
    const next = repeated
      ? mapList(inner, value as readonly Fields[], map, field)
      : mapMessage(inner, value as Fields, map, field);
    if (next !== value) changed[name] = next;
  }
  return Object.keys(changed).length === 0 ? message : { ...message, ...changed };
}

function mapList(schema: MessageSchema, list: readonly Fields[], map: TensorMap, owner: string): readonly Fields[] {
  const next = list.map((message) => mapMessage(schema, message, map, owner));
  return next.every((message, position) => message === list[position]) ? list : next;
}

/**
 * The model with every tensor mapped, wherever it stands: initializers, attributes, subgraphs, functions, sparse
 * tensors. What does not change is shared with the original; if nothing does, the model itself is returned.
 */
export function mapTensors(model: ModelProto, map: TensorMap): ModelProto {
  return mapMessage(messageSchema('ModelProto'), model as unknown as Fields, map, '') as unknown as ModelProto;
}
