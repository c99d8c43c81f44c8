/** What programs on gateways send to programs beside the backend: handed on as deliveries of webhooks. */
import { sql } from 'kysely';
import type { WebhookEvent } from '@lovely/api';
import type { Database, Store } from './store.ts';

export interface DeviceMessage {
  readonly deviceId: string;
  readonly messageId: number;
  readonly proto: number;
  readonly body: Uint8Array;
  readonly receivedMs: number;
}

const EVENT: WebhookEvent = 'message.received';

/**
 * Makes a delivery of each message for every webhook that listens, in one statement with the note that it was made: a
 * message that comes again is handed on once. A message that nobody listens for is gone.
 */
export async function handOnMessages(store: Store, messages: readonly DeviceMessage[]): Promise<void> {
  await sql`
    with new as (
      -- One that stands twice in a batch is noted once, so it must be there once.
      select distinct on (device_id, message_id) * from unnest(${messages.map((message) => message.deviceId)}::uuid[],
        ${messages.map((message) => message.messageId)}::bigint[], ${messages.map((message) => message.proto)}::int[],
        ${messages.map((message) => Buffer.from(message.body).toString('base64'))}::text[],
        ${messages.map((message) => new Date(message.receivedMs))}::timestamptz[])
        as new(device_id, message_id, proto, body, received_at)),
    noted as (
      insert into device_messages (device_id, message_id, tenant_id)
      select new.device_id, new.message_id, devices.tenant_id from new join devices on devices.id = new.device_id
      order by 1, 2
      on conflict do nothing returning device_id, message_id, tenant_id)
    insert into webhook_deliveries (tenant_id, webhook_id, event, payload)
    select listener.tenant_id, listener.id, listener.event, webhook_payload(listener.event, jsonb_build_object(
      'device', jsonb_build_object('id', device.id, 'name', device.name, 'address', device.address),
      'message', jsonb_build_object('proto', new.proto, 'body', new.body, 'receivedAt', webhook_time(new.received_at))))
    from noted join new using (device_id, message_id) join devices as device on device.id = noted.device_id
    join webhook_listeners as listener on listener.tenant_id = noted.tenant_id and listener.event = ${EVENT}
    order by new.message_id`.execute(store.database);
}

/** Forgets that messages were handed on longer ago than any device repeats them. */
export async function deleteOldDeviceMessages(database: Database, hours: number): Promise<void> {
  await database
    .deleteFrom('device_messages')
    .where('received_at', '<', sql<Date>`now() - make_interval(hours => ${hours})`)
    .execute();
}
