/** Sensors (0x0106): what hangs behind a gateway. */
import { SENSORS_MAX } from '../limits.ts';
import { message } from '../message.ts';
import { PROTO } from '../proto.ts';
import { fields, list, messageId, name, string, type Read } from '../shape.ts';

const sensor = fields({
  /** Letters, digits and `._:-`, at most 64; the `source` of the sensor's status and alerts. */
  id: string(64, 1),
  /** One of the kinds that the system knows more about, or any other name. */
  kind: name,
  /** What people call it; '' for nothing. The same holds for the rest. */
  name: string(128),
  model: string(128),
  serial: string(128),
  firmware: string(128),
  /** Where in the house it is. */
  place: string(128),
});
export type SensorDescription = Read<typeof sensor>;

/**
 * ← device. All sensors of the gateway, replacing those told before. Of two that overtake each other the one with the
 * higher `props.id` counts.
 */
export const sensorsTopology = message(PROTO.sensors, 'topology', { id: messageId }, list(sensor, SENSORS_MAX));
