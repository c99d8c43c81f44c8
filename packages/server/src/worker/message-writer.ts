/** Hands messages of programs on gateways to the webhooks that listen. */
import { CUSTOM_BODY_BYTES_MAX, customMessage, ProtocolError } from '@lovely/protocol';
import { handOnMessages } from '../store/device-messages.ts';
import { createUpWriter, type UpWriter, type WriterParts } from './up-writer.ts';

interface Content {
  readonly proto: number;
  readonly body: Uint8Array;
}

export function createMessageWriter(parts: WriterParts): UpWriter {
  return createUpWriter<Content>(
    parts,
    'message',
    (frame) => {
      const { props, body } = customMessage(frame.proto).read(frame);
      if (props.id === undefined)
        throw new ProtocolError('bad-message', `a message of proto ${frame.proto} without id`);
      if (body.length > CUSTOM_BODY_BYTES_MAX)
        throw new ProtocolError('too-large', `a message of ${body.length} bytes, ${CUSTOM_BODY_BYTES_MAX} allowed`);
      return { id: props.id, content: { proto: frame.proto, body } };
    },
    async (batch) =>
      await handOnMessages(
        parts.store,
        batch.map(({ up, id, content }) => ({
          deviceId: up.device,
          messageId: id,
          ...content,
          receivedMs: up.receivedMs,
        })),
      ),
  );
}
