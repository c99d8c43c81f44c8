/** Devices: lists, details, acceptance, places. */
import {
  deleteDevice,
  getDevice,
  getDeviceStatus,
  listDevices,
  setAuthSetStatus,
  updateDevice,
  type Device,
} from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import * as devices from '../store/devices.ts';
import { getDeviceGroup } from '../store/groups.ts';
import { listStatusValues } from '../store/status.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { changeKeyStatus, decommission } from './device-changes.ts';
import { announceDevice } from './events.ts';
import { route, type Http } from './route.ts';

export function routeDevices(http: Http, context: ApiContext): void {
  route(http, context, listDevices, async ({ person, database, query }) => {
    const { group: groupId, ...filter } = query;
    const group = groupId === undefined ? undefined : await getDeviceGroup(database, person.tenantId, groupId);
    return await devices.listDevices(database, person.tenantId, person.scope('fleet.read'), { ...filter, group });
  });

  route(http, context, getDevice, ({ person, database, params }) =>
    devices.getDeviceDetail(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  route(http, context, updateDevice, async ({ person, database, params, body, audit, afterCommit }) => {
    const { tenantId } = person;
    await requireDeviceFor(person, database, 'device.write', params.id);
    const before = await devices.getDevice(database, tenantId, ALL_DEVICES, params.id);
    const device = await devices.updateDevice(database, tenantId, params.id, body);
    audit({
      object: { type: 'device', id: device.id, name: device.name },
      before: writable(before),
      after: writable(device),
    });
    afterCommit(() => announceDevice(context.bus, tenantId, device.id, 'updated', device.status));
    return device;
  });

  route(http, context, setAuthSetStatus, async ({ person, params, body, ...change }) => {
    await changeKeyStatus(context, person, change, params.id, params.authSetId, body.status);
    return await devices.getDeviceDetail(change.database, person.tenantId, ALL_DEVICES, params.id);
  });

  route(http, context, deleteDevice, async ({ person, params, ...change }) => {
    await decommission(context, person, change, params.id);
    return undefined;
  });

  route(http, context, getDeviceStatus, async ({ person, database, params }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    return { metrics: await listStatusValues(database, person.tenantId, params.id) };
  });
}

/** What people change of a device. */
function writable({ name, address, location, tags }: Device) {
  return { name, address, location, tags };
}
