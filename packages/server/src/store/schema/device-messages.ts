/** Messages of programs on gateways that were handed on. */
import type { Time } from './columns.ts';

export interface DeviceMessageTables {
  device_messages: { device_id: string; message_id: number; tenant_id: string; received_at: Time };
}
