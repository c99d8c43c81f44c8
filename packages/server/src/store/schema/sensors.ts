/** Sensors, and the message that they are known by. */
import type { Time } from './columns.ts';

export interface SensorTables {
  sensors: {
    tenant_id: string;
    device_id: string;
    id: string;
    kind: string;
    name: string;
    model: string;
    serial: string;
    firmware: string;
    place: string;
    created_at: Time;
    removed_at: Time | null;
  };
  sensor_topologies: { device_id: string; tenant_id: string; message_id: number; stored_at: Time };
}
