/** Mender's management API: devices and their keys (COMPAT section 3.2). */
import { z } from 'zod';
import { parseIdentity, parsePublicKey } from '../../domain/identity.ts';
import { LovelyError } from '../../errors.ts';
import { findDeviceByIdentity, preauthorize } from '../../store/preauthorize.ts';
import {
  countDevices,
  listAuthSets,
  listDeviceRecords,
  type DeviceRecord,
  type RecordFilter,
} from '../../store/devices.ts';
import { readJson } from '../body.ts';
import type { Database } from '../../store/store.ts';
import { findTenantLimits } from '../../store/tenants.ts';
import type { ApiContext, Person } from '../context.ts';
import { change, requireAllDevices } from '../change.ts';
import { changeKeyStatus, decommission, deleteKey } from '../device-changes.ts';
import { announceDevice } from '../events.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { BODY_BYTES_MAX } from '@lovely/api';
import { readId } from './id.ts';
import { pageHeaders, readPage, type PageRequest } from './paging.ts';

const PREFIX = '/api/management/v2/devauth';
const deviceStatus = z.enum(['pending', 'accepted', 'rejected', 'preauthorized', 'noauth']);
const statusBody = z.object({ status: z.enum(['accepted', 'rejected', 'pending']) });
const preauthorizeBody = z.object({
  identity_data: z.record(z.string(), z.unknown()),
  pubkey: z.string(),
  /** Adds the key to a device that is known already. */
  force: z.boolean().default(false),
});
const searchBody = z.object({ status: z.array(deviceStatus).optional(), id: z.array(z.string()).optional() });

export function routeDevauth(http: Http, context: ApiContext): void {
  http.get(`${PREFIX}/devices`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const scope = person.scope('fleet.read');
    const filter = { scope, statuses: readStatuses(c.req.queries('status')), ids: c.req.queries('id') };
    return await listPage(person, c.req.url, page, filter);
  });

  http.post(`${PREFIX}/devices/search`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const { status, id } = read(searchBody, await readJson(c.req.raw, BODY_BYTES_MAX));
    const filter = { scope: person.scope('fleet.read'), statuses: status, ids: id };
    return await listPage(person, c.req.url, page, filter);
  });

  http.get(`${PREFIX}/devices/count`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const filter = { scope: person.scope('fleet.read'), statuses: readStatuses(c.req.queries('status')) };
    return c.json({ count: await countDevices(person.database, person.tenantId, filter) });
  });

  http.get(`${PREFIX}/limits/max_devices`, async (c) => {
    const { database, tenantId } = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const limits = await findTenantLimits(database, tenantId);
    return c.json({ limit: limits?.devices ?? 0 });
  });

  http.post(`${PREFIX}/devices`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.accept', c.env.address);
    const { identity_data: data, pubkey, force } = read(preauthorizeBody, await readJson(c.req.raw, BODY_BYTES_MAX));
    const identity = parseIdentity(JSON.stringify(data));
    const key = parsePublicKey(pubkey);
    const object = { type: 'device', id: '' };
    const making = change(context, person, 'device.preauthorize', object, async (made) => {
      requireAllDevices(person, 'device.accept');
      const { deviceId: id, status } = await preauthorize(made.database, person.tenantId, { identity }, key, { force });
      made.audit({ object: { type: 'device', id }, details: { identity, fingerprint: key.fingerprint, force } });
      made.afterCommit(() => announceDevice(context.bus, person.tenantId, id, 'created', status));
      return id;
    });
    try {
      return c.body(null, 201, { location: `${PREFIX}/devices/${await making}` });
    } catch (error) {
      if (!(error instanceof LovelyError && error.code === 'device-exists')) throw error;
      // Mender's tools look at the device that is in the way.
      const known = await findDeviceByIdentity(person.database, person.tenantId, identity);
      if (known === undefined) throw error;
      return c.json(await getRecord(person, known), 409);
    }
  });

  http.get(`${PREFIX}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    return c.json(await getRecord(person, c.req.param('id')));
  });

  http.delete(`${PREFIX}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.accept', c.env.address);
    const id = readId(c.req.param('id'));
    await change(context, person, 'device.decommission', { type: 'device', id }, (made) =>
      decommission(context, person, made, id),
    );
    return c.body(null, 204);
  });

  http.get(`${PREFIX}/devices/:id/auth/:aid/status`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const device = await getRecord(person, c.req.param('id'));
    const authSet = device.auth_sets.find((one) => one.id === c.req.param('aid'));
    if (!authSet) throw new LovelyError('not-found');
    return c.json({ status: authSet.status });
  });

  http.put(`${PREFIX}/devices/:id/auth/:aid/status`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.accept', c.env.address);
    const { status } = read(statusBody, await readJson(c.req.raw, BODY_BYTES_MAX));
    const [id, authSetId] = [readId(c.req.param('id')), readId(c.req.param('aid'))];
    await change(context, person, 'device.set-key-status', { type: 'device', id }, (made) =>
      changeKeyStatus(context, person, made, id, authSetId, status),
    );
    return c.body(null, 204);
  });

  http.delete(`${PREFIX}/devices/:id/auth/:aid`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.accept', c.env.address);
    const [id, authSetId] = [readId(c.req.param('id')), readId(c.req.param('aid'))];
    await change(context, person, 'device.delete-key', { type: 'device', id }, (made) =>
      deleteKey(context, person, made, id, authSetId),
    );
    return c.body(null, 204);
  });
}

async function getRecord({ database, tenantId, scope }: Person, id: string) {
  const filter = { scope: scope('fleet.read'), ids: [readId(id)] };
  const [device] = await withAuthSets(
    database,
    await listDeviceRecords(database, tenantId, filter, { page: 1, perPage: 1 }),
  );
  if (!device) throw new LovelyError('not-found');
  return device;
}

/** One page of the devices that a filter lets through, with how many there are. */
async function listPage(
  { database, tenantId }: Person,
  url: string,
  page: PageRequest,
  filter: RecordFilter,
): Promise<Response> {
  const [records, total] = await Promise.all([
    listDeviceRecords(database, tenantId, filter, page),
    countDevices(database, tenantId, filter),
  ]);
  return Response.json(await withAuthSets(database, records), { headers: pageHeaders(url, page, total) });
}

/** Devices in Mender's shape. */
async function withAuthSets(database: Database, records: readonly DeviceRecord[]) {
  const authSets = Map.groupBy(
    await listAuthSets(
      database,
      records.map((record) => record.id),
    ),
    (authSet) => authSet.deviceId,
  );
  return records.map(({ id, identity, status, createdAt, updatedAt, checkInAt }) => ({
    id,
    identity_data: identity,
    status,
    created_ts: createdAt.toISOString(),
    updated_ts: updatedAt.toISOString(),
    ...(checkInAt ? { check_in_time: checkInAt.toISOString() } : {}),
    auth_sets: (authSets.get(id) ?? []).map((authSet) => ({
      id: authSet.id,
      pubkey: authSet.publicKey,
      identity_data: identity,
      status: authSet.status,
      ts: authSet.createdAt.toISOString(),
    })),
    decommissioning: false,
  }));
}

function readStatuses(values: string[] | undefined) {
  return values?.map((value) => read(deviceStatus, value));
}

function read<S extends z.ZodType>(schema: S, value: unknown): z.infer<S> {
  const result = schema.safeParse(value);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw new LovelyError('bad-request', `${issue.path.join('.') || 'The input'}: ${issue.message}`);
}
