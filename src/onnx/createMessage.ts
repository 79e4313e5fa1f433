import { messageSchema } from './messageSchema.js';
import type { MessageTypes } from './messages.js';

/**
 * A message of which only the fields that matter are given; repeated fields that are not become empty.
 *
 * `createMessage('NodeProto', { opType: 'Relu', input: ['x'], output: ['y'] })`
 */
export function createMessage<K extends keyof MessageTypes>(
  type: K,
  fields: Partial<MessageTypes[K]>,
): MessageTypes[K] {
  return { ...messageSchema(type).empty, ...fields } as unknown as MessageTypes[K];
}
