/** Mender's management API: whether a device is connected (COMPAT section 3.5). Sessions are in api/session. */
import { getDevice } from '../../store/devices.ts';
import type { ApiContext } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { readId } from './id.ts';

export function routeDeviceConnect(http: Http, context: ApiContext): void {
  http.get('/api/management/v1/deviceconnect/devices/:id', async (c) => {
    const { tenantId, database, scope } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const device = await getDevice(database, tenantId, scope('fleet.read'), readId(c.req.param('id')));
    return c.json({
      device_id: device.id,
      status: device.connected ? 'connected' : device.connectionChangedAt ? 'disconnected' : 'unknown',
      created_ts: device.createdAt,
      updated_ts: device.connectionChangedAt ?? device.updatedAt,
    });
  });
}
