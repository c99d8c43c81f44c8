/** Groups of devices, and the filters that dynamic ones are made of. */
import { randomUUID } from 'node:crypto';
import {
  addGroupDevices,
  createGroup,
  deleteGroup,
  getGroup,
  listFilterAttributes,
  listGroups,
  previewFilter,
  removeGroupDevices,
  updateGroup,
} from '@lovely/api';
import { rulesChanged } from '../bus/subjects.ts';
import { publishTo } from '../bus/topic.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { isDeviceIn } from '../store/devices.ts';
import * as filters from '../store/filters.ts';
import * as groups from '../store/groups.ts';
import type { Database } from '../store/store.ts';
import { listGroupUsers } from '../store/grants.ts';
import type { Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireMayFill } from './group-access.ts';
import { emptyGroup, fillGroup } from './group-changes.ts';
import { announceEnded } from './open-sockets.ts';
import { route, type Http } from './route.ts';

export function routeGroups(http: Http, context: ApiContext): void {
  /** Other houses are in the group now: whoever has a role there gets a new map and new terminals. */
  async function endOpen(tenantId: string, groupId: string, database: Database, afterCommit: Change['afterCommit']) {
    const users = await listGroupUsers(database, tenantId, groupId);
    afterCommit(() => announceEnded(context.bus, users));
  }

  route(http, context, listGroups, async ({ person, database, query }) => {
    const { tenantId } = person;
    const scope = person.scope('fleet.read');
    if (query.deviceId !== undefined && !(await isDeviceIn(database, tenantId, scope, query.deviceId)))
      throw new LovelyError('not-found');
    return {
      items: await groups.listGroups(database, tenantId, scope, {
        ids: visibleGroups(person),
        deviceId: query.deviceId,
      }),
    };
  });

  route(http, context, getGroup, async ({ person, database, params }) => {
    requireVisibleGroup(person, params.id);
    return await groups.getGroup(database, person.tenantId, person.scope('fleet.read'), params.id);
  });

  route(http, context, createGroup, async ({ person, database, body, audit }) => {
    const { tenantId } = person;
    const id = randomUUID();
    if (body.filter) await filters.tryFilter(database, tenantId, body.filter);
    await groups.insertGroup(database, tenantId, { id, ...body });
    audit({ object: { type: 'group', id, name: body.name }, after: body });
    return await groups.getGroup(database, tenantId, scopeOf(person), id);
  });

  route(http, context, updateGroup, async ({ person, database, params, body, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await groups.lockGroup(database, tenantId, params.id, ifVersion);
    if (body.filter) {
      if (before.kind === 'static')
        throw new LovelyError('bad-input', 'This group is filled by people: it has no filter.', { pointer: '/filter' });
      await filters.tryFilter(database, tenantId, body.filter);
      await requireMayFill(person, database, params.id, 'any');
    }
    await groups.updateGroup(database, tenantId, params.id, body);
    const after = await groups.getGroup(database, tenantId, scopeOf(person), params.id);
    audit({
      object: { type: 'group', id: after.id, name: after.name },
      before: written(before),
      after: written(after),
    });
    if (body.filter) {
      await endOpen(tenantId, params.id, database, afterCommit);
      afterCommit(() => publishTo(context.bus, rulesChanged, { tenant: tenantId }));
    }
    return after;
  });

  route(http, context, deleteGroup, async ({ person, database, params, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await groups.lockGroup(database, tenantId, params.id, ifVersion);
    await endOpen(tenantId, params.id, database, afterCommit);
    await groups.deleteGroup(database, tenantId, params.id);
    // Its houses may have had rules because of it.
    afterCommit(() => publishTo(context.bus, rulesChanged, { tenant: tenantId }));
    audit({ object: { type: 'group', id: before.id, name: before.name }, before: written(before) });
    return undefined;
  });

  route(http, context, addGroupDevices, async ({ person, params, body, ifVersion, ...change }) => {
    const group = await groups.lockGroup(change.database, person.tenantId, params.id, ifVersion);
    await fillGroup(context, person, change, group, body.deviceIds);
    return await groups.getGroup(change.database, person.tenantId, person.scope('fleet.read'), group.id);
  });

  route(http, context, removeGroupDevices, async ({ person, params, body, ifVersion, ...change }) => {
    const group = await groups.lockGroup(change.database, person.tenantId, params.id, ifVersion);
    await emptyGroup(context, person, change, group, body.deviceIds);
    return await groups.getGroup(change.database, person.tenantId, person.scope('fleet.read'), group.id);
  });

  route(http, context, previewFilter, ({ person, database, body }) =>
    filters.previewFilter(database, person.tenantId, person.scope('fleet.read'), body.filter),
  );

  route(http, context, listFilterAttributes, async ({ person, database }) => ({
    items: await filters.listFilterAttributes(database, person.tenantId, person.scope('fleet.read')),
  }));
}

/**
 * The groups that a person may know of; undefined for all. Who sees only the houses of some groups is told of those, and
 * of no other customer's, unless their work is with groups or with people.
 */
export function visibleGroups(person: Person): string[] | undefined {
  const { user } = person;
  if (person.scope('fleet.read').kind === 'all' || person.may('group.write') || person.may('people.read'))
    return undefined;
  return [...user.access.values()].flatMap((scope) => (scope.kind === 'some' ? scope.groups.map(({ id }) => id) : []));
}

/** Throws 'not-found' for a group that the person may not know of. */
export function requireVisibleGroup(person: Person, id: string): void {
  const visible = visibleGroups(person);
  if (visible && !visible.includes(id.toLowerCase())) throw new LovelyError('not-found');
}

/** The devices that somebody sees who changes groups; none for a role that does nothing else. */
function scopeOf(person: Person): DeviceScope {
  return person.may('fleet.read') ? person.scope('fleet.read') : { kind: 'some', groups: [] };
}

/** What people write of a group. */
function written({ name, description, filter }: Pick<groups.GroupRecord, 'name' | 'description' | 'filter'>) {
  return { name, description, filter };
}
