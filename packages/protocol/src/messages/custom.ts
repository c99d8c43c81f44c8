/** Yours (0x1000 to 0xEFFF): a program on the gateway and a program beside the backend talk to each other through us. */
import { bytesMessage, type Message } from '../message.ts';
import { messageId, optional } from '../shape.ts';

type CustomMessage = Message<{ readonly id?: number | undefined }, Uint8Array>;

/**
 * Either way. Plain bytes; what they mean is the programs' affair. ← device: with `props.id`, kept until it is
 * acknowledged. → device: without one, and only while it is connected.
 */
export function customMessage(proto: number): CustomMessage {
  return bytesMessage(proto, 'message', { id: optional(messageId) });
}
