/** Stores what houses tell of their sensors. */
import { ProtocolError, PROTO, sensorsTopology, type SensorDescription } from '@lovely/protocol';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { storeTopologies } from '../store/sensors.ts';
import { createUpWriter, type UpWriter, type WriterParts } from './up-writer.ts';

const ID = /^[A-Za-z0-9._:-]+$/;

export function createSensorWriter(parts: WriterParts): UpWriter {
  return createUpWriter<readonly SensorDescription[]>(
    parts,
    'sensors',
    (frame) => {
      if (!sensorsTopology.is(frame))
        throw new ProtocolError('bad-message', `unknown message ${PROTO.sensors}/${frame.typ}`);
      const { props, body } = sensorsTopology.read(frame);
      const bad = body.find(({ id }) => !ID.test(id));
      if (bad)
        throw new ProtocolError(
          'bad-message',
          `the sensor id "${bad.id}" has other characters than A-Z a-z 0-9 . _ : -`,
        );
      return { id: props.id, content: body };
    },
    async (batch) => {
      const changed = await storeTopologies(
        parts.store,
        batch.map(({ up, id, content }) => ({ deviceId: up.device, messageId: id, sensors: content })),
      );
      const ts = Date.now();
      for (const [tenant, devices] of Map.groupBy(changed, ({ tenantId }) => tenantId))
        publishItems(
          parts.bus,
          event(tenant, 'sensors'),
          devices.map(({ deviceId }) => ({ device: deviceId, ts })),
        );
    },
  );
}
