/** Devices: lists, details, acceptance, places. */
import {
  deleteDevice,
  getDevice,
  getDeviceStatus,
  importDevices,
  listDevices,
  preauthorizeDevice,
  setAuthSetStatus,
  updateDevice,
  type Device,
} from '@lovely/api';
import { readDeviceFile } from '../domain/device-file.ts';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import { parseIdentity, parsePublicKey } from '../domain/identity.ts';
import { preauthorize } from '../store/preauthorize.ts';
import * as deviceImport from '../store/device-import.ts';
import * as devices from '../store/devices.ts';
import { getDeviceGroup } from '../store/groups.ts';
import { listStatusValues } from '../store/status.ts';
import { permissionsFor, requireAllDevices, requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { changeKeyStatus, decommission } from './device-changes.ts';
import { announceDevice, announceDevices } from './events.ts';
import { keepingGroups } from './group-access.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

export function routeDevices(http: Http, context: ApiContext): void {
  route(http, context, listDevices, async ({ person, database, query }) => {
    const { group: groupId, ...filter } = query;
    if (groupId !== undefined) requireVisibleGroup(person, groupId);
    const group = groupId === undefined ? undefined : await getDeviceGroup(database, person.tenantId, groupId);
    return await devices.listDevices(database, person.tenantId, person.scope('fleet.read'), { ...filter, group });
  });

  route(http, context, getDevice, async ({ person, database, params: { id } }) => ({
    ...(await devices.getDeviceDetail(database, person.tenantId, person.scope('fleet.read'), id)),
    permissions: await permissionsFor(person, database, id),
  }));

  route(http, context, preauthorizeDevice, async ({ person, database, body, audit, afterCommit }) => {
    const { tenantId } = person;
    requireAllDevices(person, 'device.accept');
    const { publicKey, ...rest } = body;
    const identity = parseIdentity(JSON.stringify(body.identity));
    const key = parsePublicKey(publicKey);
    const { deviceId } = await preauthorize(database, tenantId, { ...rest, identity }, key);
    const device = await devices.getDevice(database, tenantId, ALL_DEVICES, deviceId);
    audit({
      object: { type: 'device', id: deviceId, name: device.name },
      details: { identity, fingerprint: key.fingerprint },
    });
    afterCommit(() => announceDevice(context.bus, tenantId, deviceId, 'created', device.status));
    return device;
  });

  route(http, context, importDevices, async ({ person, database, body, audit, afterCommit }) => {
    const { tenantId } = person;
    requireAllDevices(person, 'device.accept');
    const file = await readDeviceFile(body.csv);
    const { deviceIds, problems } = await deviceImport.importDevices(database, tenantId, file.devices, body);
    const result = {
      dryRun: body.dryRun,
      devices: file.devices.length + file.problems.length,
      created: deviceIds.length,
      problems: [...file.problems, ...problems].toSorted((a, b) => a.line - b.line),
    };
    const { devices: lines, created } = result;
    audit({ object: { type: 'device', id: '' }, details: { dryRun: body.dryRun, lines, created } });
    if (!body.dryRun) afterCommit(() => announceDevices(context.bus, tenantId, deviceIds, 'created', 'preauthorized'));
    return result;
  });

  route(http, context, updateDevice, async ({ person, database, params, body, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    await requireDeviceFor(person, database, 'device.write', params.id);
    const before = await devices.getDevice(database, tenantId, ALL_DEVICES, params.id);
    const device = await keepingGroups(person, database, params.id, () =>
      devices.updateDevice(database, tenantId, params.id, body, ifVersion),
    );
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

  route(http, context, deleteDevice, async ({ person, params, ifVersion, ...change }) => {
    await decommission(context, person, change, params.id, ifVersion);
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
