/** Messages to programs on gateways. */
import { MESSAGE_BYTES_MAX, sendDeviceMessage } from '@lovely/api';
import { customMessage, encodeFrame } from '@lovely/protocol';
import { hubDown, type DownAnswer } from '../bus/subjects.ts';
import { ask } from '../bus/topic.ts';
import { LovelyError } from '../errors.ts';
import { DELIVERY_TIMEOUT_MS } from '../limits.ts';
import { findDeviceName } from '../store/devices.ts';
import { findConnection } from '../store/presence.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeMessages(http: Http, context: ApiContext): void {
  route(http, context, sendDeviceMessage, async ({ person, database, params, body: { proto, body }, audit }) => {
    const { tenantId } = person;
    await requireDeviceFor(person, database, 'device.write', params.id);
    const bytes = Buffer.from(body, 'base64');
    if (bytes.length > MESSAGE_BYTES_MAX)
      throw new LovelyError('bad-input', `body: at most ${MESSAGE_BYTES_MAX} bytes`, { pointer: '/body' });
    const name = await findDeviceName(database, tenantId, params.id);
    audit({
      object: { type: 'device', id: params.id, name: name ?? '' },
      details: { proto, bytes: bytes.length },
    });
    const connection = await findConnection(database, tenantId, params.id);
    if (!connection) throw new LovelyError('device-offline');
    const answer = await ask(
      context.bus,
      hubDown(connection.hubId),
      { device: params.id, frame: encodeFrame(customMessage(proto).frame({}, bytes)) },
      { timeoutMs: DELIVERY_TIMEOUT_MS },
    ).catch((): DownAnswer => ({ ok: false, code: 'gone' }));
    if (!answer.ok) throw new LovelyError(answer.code === 'busy' ? 'device-busy' : 'device-offline');
    return undefined;
  });
}
