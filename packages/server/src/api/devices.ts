/** Devices: lists, details, acceptance, places. */
import { deleteDevice, getDevice, getDeviceStatus, listDevices, setAuthSetStatus, updateDevice } from '@lovely/api';
import * as authSets from '../store/auth-sets.ts';
import * as devices from '../store/devices.ts';
import { listStatusValues } from '../store/status.ts';
import type { ApiContext } from './context.ts';
import { announceAuthSets, announceDevice, announceRevoked } from './events.ts';
import { route, type Http } from './route.ts';

export function routeDevices(http: Http, context: ApiContext): void {
  route(http, context, listDevices, ({ person, query }) =>
    devices.listDevices(person.database, person.tenantId, query),
  );

  route(http, context, getDevice, ({ person, params }) =>
    devices.getDeviceDetail(person.database, person.tenantId, params.id),
  );

  route(http, context, updateDevice, async ({ person, params, body }) => {
    const device = await devices.updateDevice(person.database, person.tenantId, params.id, body);
    announceDevice(context.bus, person.tenantId, device.id, 'updated', device.status);
    return device;
  });

  route(http, context, setAuthSetStatus, async ({ person, params, body }) => {
    const change = await authSets.setAuthSetStatus(
      person.database,
      person.tenantId,
      params.id,
      params.authSetId,
      body.status,
    );
    announceAuthSets(context, person.tenantId, change);
    return await devices.getDeviceDetail(person.database, person.tenantId, params.id);
  });

  route(http, context, deleteDevice, async ({ person, params }) => {
    const revoked = await devices.deleteDevice(person.database, person.tenantId, params.id);
    announceRevoked(context, params.id, revoked);
    announceDevice(context.bus, person.tenantId, params.id, 'deleted', 'noauth');
    return undefined;
  });

  route(http, context, getDeviceStatus, async ({ person, params }) => {
    await devices.getDevice(person.database, person.tenantId, params.id);
    return { metrics: await listStatusValues(person.database, person.tenantId, params.id) };
  });
}
