/** Mender's management API: inventories, their groups and tags (COMPAT section 3.3). */
import { z } from 'zod';
import {
  BODY_BYTES_MAX,
  deviceCondition,
  FILTER_CONDITIONS_MAX,
  TAG_LENGTH_MAX,
  TAGS_MAX,
  type DeviceCondition,
} from '@lovely/api';
import { ALL_DEVICES } from '../../domain/device-scope.ts';
import { fromMenderTags, toMenderTag } from '../../domain/mender-tags.ts';
import { LovelyError } from '../../errors.ts';
import { getDevice, replaceInventories, updateDevice } from '../../store/devices.ts';
import { searchInventories, type InventoryQuery, type InventoryRecord } from '../../store/inventories.ts';
import { readJson } from '../body.ts';
import { change, requireDeviceFor } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { announceDevice } from '../events.ts';
import { keepingGroups } from '../group-access.ts';
import { requirePerson } from '../guard.ts';
import { entityTag, versionOf } from '../preconditions.ts';
import type { Http } from '../route.ts';
import { readId } from './id.ts';
import { pageHeaders, readPage } from './paging.ts';

const PREFIX = '/api/management/v1/inventory';
const PAGING = new Set(['page', 'per_page', 'sort', 'has_group', 'group']);
const SORTS_MAX = 4;
const tagText = z.string().min(1).max(TAG_LENGTH_MAX);
const tagsBody = z
  .array(z.object({ name: tagText.regex(/^[^=]*$/), value: tagText }))
  .max(TAGS_MAX)
  .refine((tags) => fromMenderTags(tags).every((tag) => tag.length <= TAG_LENGTH_MAX));

export function routeInventory(http: Http, context: ApiContext): void {
  http.get(`${PREFIX}/devices`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const query = { ...readQuery(c.req.query()), ...page, scope: person.scope('fleet.read') };
    const { records, total } = await searchInventories(person.database, person.tenantId, query);
    return c.json(
      records.map((record) => toInventory(record)),
      200,
      pageHeaders(c.req.url, page, total),
    );
  });

  http.get(`${PREFIX}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const inventory = toInventory(await findRecord(person, readId(c.req.param('id'))));
    return c.json(inventory, 200, { etag: entityTag(inventory, JSON.stringify(inventory))! });
  });

  // What the device reports is forgotten until it reports again; the device itself stays (decommissioning is devauth's).
  http.delete(`${PREFIX}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.write', c.env.address);
    const deviceId = readId(c.req.param('id'));
    const object = { type: 'device', id: deviceId };
    await change(context, person, 'device.forget-inventory', object, async ({ database, afterCommit }) => {
      await requireDeviceFor(person, database, 'device.write', deviceId);
      const [device] = await keepingGroups(person, database, deviceId, () =>
        replaceInventories(database, [{ deviceId, attributes: {} }]),
      );
      if (device) afterCommit(() => announceDevice(context.bus, person.tenantId, deviceId, 'updated', device.status));
    });
    return c.body(null, 204);
  });

  // PUT replaces all tags, PATCH those of the same names.
  http.on(['PUT', 'PATCH'], `${PREFIX}/devices/:id/tags`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'device.write', c.env.address);
    const deviceId = readId(c.req.param('id'));
    const given = tagsBody.safeParse(await readJson(c.req.raw, BODY_BYTES_MAX));
    if (!given.success)
      throw new LovelyError(
        'bad-request',
        `Tags are up to ${TAGS_MAX} of {"name", "value"}, without "=" in the name, of up to ${TAG_LENGTH_MAX} characters.`,
      );
    const ifVersion = versionOf(c.req.raw);
    const { tenantId } = person;
    const device = await change(context, person, 'device.update', { type: 'device', id: deviceId }, async (made) => {
      const { database } = made;
      await requireDeviceFor(person, database, 'device.write', deviceId);
      const before = await getDevice(database, tenantId, ALL_DEVICES, deviceId);
      const kept = c.req.method === 'PATCH' ? before.tags.map(toMenderTag) : [];
      const tags = fromMenderTags([...kept, ...given.data]);
      if (tags.length > TAGS_MAX) throw new LovelyError('bad-request', `A device has at most ${TAGS_MAX} tags.`);
      const after = await keepingGroups(person, database, deviceId, () =>
        updateDevice(database, tenantId, deviceId, { tags }, ifVersion),
      );
      made.audit({
        object: { type: 'device', id: deviceId, name: after.name },
        before: { tags: before.tags },
        after: { tags: after.tags },
      });
      made.afterCommit(() => announceDevice(context.bus, tenantId, deviceId, 'updated', after.status));
      return after;
    });
    return c.body(null, 200, { etag: `"${device.version}"` });
  });
}

/** One device. Throws 'not-found' for one that the person may not see. */
export async function findRecord(person: Person, id: string): Promise<InventoryRecord> {
  const query = { scope: person.scope('fleet.read'), conditions: [], sort: [], ids: [id], page: 1, perPage: 1 };
  const { records } = await searchInventories(person.database, person.tenantId, query);
  if (!records[0]) throw new LovelyError('not-found');
  return records[0];
}

/** `sort=name:asc`, `has_group`, `group`, and any other member as an attribute with its value, `scope/name` or `name`. */
function readQuery(query: Record<string, string>): Pick<InventoryQuery, 'conditions' | 'sort' | 'inStaticGroup'> {
  const conditions: unknown[] = Object.entries(query)
    .filter(([name]) => !PAGING.has(name))
    .map(([name, value]) => ({ ...scoped(name), type: '$eq', value }));
  if (query.group !== undefined)
    conditions.push({ scope: 'system', attribute: 'group', type: '$eq', value: query.group });
  if (!conditions.some((one) => (one as DeviceCondition).attribute === 'status'))
    conditions.push({ scope: 'identity', attribute: 'status', type: '$eq', value: 'accepted' });
  const read = z.array(deviceCondition).max(FILTER_CONDITIONS_MAX).safeParse(conditions);
  if (!read.success)
    throw new LovelyError(
      'bad-request',
      `A filter is the name of an attribute and its value, up to ${FILTER_CONDITIONS_MAX} of them.`,
    );
  const sort = (query.sort ?? '')
    .split(',')
    .filter(Boolean)
    .map((one) => {
      const [name = '', order = 'asc'] = one.split(':');
      if (order !== 'asc' && order !== 'desc') throw new LovelyError('bad-request', 'sort is name:asc or name:desc.');
      return { ...scoped(name), order };
    });
  if (sort.length > SORTS_MAX) throw new LovelyError('bad-request', `sort takes up to ${SORTS_MAX} attributes.`);
  return {
    conditions: read.data,
    sort: sort as InventoryQuery['sort'],
    inStaticGroup: query.has_group === undefined ? undefined : query.has_group === 'true',
  };
}

function scoped(name: string): { scope: string; attribute: string } {
  const [, scope = 'inventory', attribute = name] = /^(identity|inventory|system|tags)\/(.+)$/.exec(name) ?? [];
  return { scope, attribute };
}

/** @param wanted only these attributes */
export function toInventory(
  { id, identity, status, inventory, tags, groups, version, createdAt, updatedAt, inventoryAt }: InventoryRecord,
  wanted?: readonly { readonly scope: string; readonly attribute: string }[],
) {
  const updated = (inventoryAt ?? updatedAt).toISOString();
  const list = (values: Readonly<Record<string, unknown>>, scope: string) =>
    Object.entries(values).map(([name, value]) => ({ name, value, scope }));
  const attributes = [
    ...list({ ...identity, status }, 'identity'),
    ...list(inventory, 'inventory'),
    ...list(
      { created_ts: createdAt.toISOString(), updated_ts: updated, ...(groups[0] ? { group: groups[0] } : {}) },
      'system',
    ),
    ...tags.map((tag) => ({ ...toMenderTag(tag), scope: 'tags' })),
  ];
  return {
    id,
    updated_ts: updated,
    version,
    attributes: wanted
      ? attributes.filter(({ name, scope }) => wanted.some((one) => one.attribute === name && one.scope === scope))
      : attributes,
  };
}
