/**
 * Mender's management API: groups (COMPAT section 3.3), which are our static groups by their names. There a device is in
 * one group at most: putting it into one takes it out of the others.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { BODY_BYTES_MAX, NAME_LENGTH_MAX } from '@lovely/api';
import { LovelyError } from '../../errors.ts';
import { insertGroup, listGroups, lockGroupNamed, lockStaticGroupsOf, type GroupRecord } from '../../store/groups.ts';
import { searchInventories } from '../../store/inventories.ts';
import { areDevicesIn } from '../../store/devices-in-scope.ts';
import { readJson } from '../body.ts';
import { change, type Change } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { emptyGroup, fillGroup } from '../group-changes.ts';
import { visibleGroups } from '../groups.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { readId } from './id.ts';
import { findRecord } from './inventory.ts';
import { pageHeaders, readPage } from './paging.ts';

const PREFIX = '/api/management/v1/inventory';
const IDS_MAX = 1000;
const groupBody = z.object({ group: z.string().trim().min(1).max(NAME_LENGTH_MAX) });
const idsBody = z.array(z.uuid()).max(IDS_MAX);

export function routeInventoryGroups(http: Http, context: ApiContext): void {
  const editor = (request: Request, address: string): Promise<Person> =>
    requirePerson(context, request, 'group.write', address);

  http.get(`${PREFIX}/groups`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    return c.json((await staticGroups(person)).map(({ name }) => name));
  });

  http.get(`${PREFIX}/groups/:name/devices`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const name = c.req.param('name');
    if (!(await staticGroups(person)).some((group) => group.name === name)) throw new LovelyError('not-found');
    const { records, total } = await searchInventories(person.database, person.tenantId, {
      ...page,
      scope: person.scope('fleet.read'),
      conditions: [{ scope: 'system', attribute: 'group', type: '$eq', value: name }],
      sort: [],
    });
    return c.json(
      records.map(({ id }) => id),
      200,
      pageHeaders(c.req.url, page, total),
    );
  });

  http.patch(`${PREFIX}/groups/:name/devices`, async (c) => {
    const person = await editor(c.req.raw, c.env.address);
    const ids = await readIds(person, c.req.raw);
    const name = readGroup({ group: c.req.param('name') });
    const moved = await changeGroup(person, 'group.add-devices', name, (made) => moveInto(person, made, name, ids));
    return c.json({ updated_count: moved, matched_count: ids.length });
  });

  http.delete(`${PREFIX}/groups/:name/devices`, async (c) => {
    const person = await editor(c.req.raw, c.env.address);
    const ids = await readIds(person, c.req.raw);
    const name = c.req.param('name');
    const removed = await changeGroup(person, 'group.remove-devices', name, async (made) =>
      takeOut(person, made, await existing(person, made, name), ids),
    );
    return c.json({ updated_count: removed, matched_count: ids.length });
  });

  // Empties the group; it stays, with the roles that are limited to it.
  http.delete(`${PREFIX}/groups/:name`, async (c) => {
    const person = await editor(c.req.raw, c.env.address);
    const name = c.req.param('name');
    const removed = await changeGroup(person, 'group.remove-devices', name, async (made) => {
      const group = await existing(person, made, name);
      const { records } = await searchInventories(made.database, person.tenantId, {
        scope: person.scope('fleet.read'),
        conditions: [{ scope: 'system', attribute: 'group', type: '$eq', value: name }],
        sort: [],
        page: 1,
        perPage: IDS_MAX,
      });
      return await takeOut(
        person,
        made,
        group,
        records.map(({ id }) => id),
      );
    });
    return c.json({ updated_count: removed });
  });

  http.get(`${PREFIX}/devices/:id/group`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { groups } = await findRecord(person, readId(c.req.param('id')));
    return c.json({ group: groups[0] ?? null });
  });

  http.put(`${PREFIX}/devices/:id/group`, async (c) => {
    const person = await editor(c.req.raw, c.env.address);
    const { id } = await findRecord(person, readId(c.req.param('id')));
    const name = readGroup(await readJson(c.req.raw, BODY_BYTES_MAX));
    await changeGroup(person, 'group.add-devices', name, (made) => moveInto(person, made, name, [id]));
    return c.body(null, 204);
  });

  http.delete(`${PREFIX}/devices/:id/group/:name`, async (c) => {
    const person = await editor(c.req.raw, c.env.address);
    const { id, groups } = await findRecord(person, readId(c.req.param('id')));
    const name = c.req.param('name');
    if (!groups.includes(name)) throw new LovelyError('not-found');
    await changeGroup(person, 'group.remove-devices', name, async (made) =>
      takeOut(person, made, await existing(person, made, name), [id]),
    );
    return c.body(null, 204);
  });

  async function changeGroup<T>(
    person: Person,
    action: string,
    name: string,
    make: (made: Change) => Promise<T>,
  ): Promise<T> {
    return await change(context, person, action, { type: 'group', id: '', name }, make);
  }

  async function moveInto(person: Person, made: Change, name: string, ids: readonly string[]): Promise<number> {
    const { database } = made;
    const { tenantId } = person;
    for (const id of ids)
      for (const other of await lockStaticGroupsOf(database, tenantId, id))
        if (other.name !== name) await emptyGroup(context, person, made, other, [id]);
    const known = await lockGroupNamed(database, tenantId, name);
    if (!known) await insertGroup(database, tenantId, { id: randomUUID(), name, description: '', filter: null });
    const group = known ?? (await existing(person, made, name));
    return (await fillGroup(context, person, made, group, ids)).length;
  }

  async function takeOut(person: Person, made: Change, group: GroupRecord, ids: readonly string[]): Promise<number> {
    return (await emptyGroup(context, person, made, group, ids)).length;
  }
}

async function staticGroups(person: Person): Promise<{ name: string }[]> {
  const groups = await listGroups(person.database, person.tenantId, person.scope('fleet.read'), {
    ids: visibleGroups(person),
  });
  return groups.filter(({ kind }) => kind === 'static');
}

async function existing({ tenantId }: Person, { database }: Change, name: string): Promise<GroupRecord> {
  const group = await lockGroupNamed(database, tenantId, name);
  if (!group) throw new LovelyError('not-found');
  return group;
}

function readGroup(body: unknown): string {
  const given = groupBody.safeParse(body);
  if (!given.success) throw new LovelyError('bad-request', 'The body is {"group": "name"}.');
  return given.data.group;
}

/** Ids that the person may see; Mender leaves out the others. */
async function readIds(person: Person, request: Request): Promise<string[]> {
  const given = idsBody.safeParse(await readJson(request, BODY_BYTES_MAX));
  if (!given.success) throw new LovelyError('bad-request', `The body is a list of up to ${IDS_MAX} ids of devices.`);
  const scope = person.scope('fleet.read');
  const seen: string[] = [];
  for (const id of new Set(given.data))
    if (await areDevicesIn(person.database, person.tenantId, scope, [id])) seen.push(id);
  return seen;
}
