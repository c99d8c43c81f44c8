/** Stores inventories. */
import { inventoryReport, ProtocolError, PROTO } from '@lovely/protocol';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { replaceInventories } from '../store/devices.ts';
import type { AttributeValue } from '../store/schema.ts';
import { createUpWriter, type UpWriter, type WriterParts } from './up-writer.ts';

export function createInventoryWriter(parts: WriterParts): UpWriter {
  return createUpWriter<Record<string, AttributeValue>>(
    parts,
    'inventory',
    (frame) => {
      if (!inventoryReport.is(frame))
        throw new ProtocolError('bad-message', `unknown message ${PROTO.inventory}/${frame.typ}`);
      const { props, body } = inventoryReport.read(frame);
      return { id: props.id, content: body };
    },
    async (batch) => {
      const changed = await replaceInventories(
        parts.store.database,
        batch.map(({ up, content }) => ({ deviceId: up.device, attributes: content })),
      );
      for (const { id, tenantId, status } of changed)
        publishItems(parts.bus, event(tenantId, 'device'), [{ device: id, change: 'updated', status }]);
    },
  );
}
