/** What people do to the houses of a group, for our own API and for Mender's. */
import { LovelyError } from '../errors.ts';
import { areDevicesIn } from '../store/devices-in-scope.ts';
import * as groups from '../store/groups.ts';
import type { Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { announceGroup } from './events.ts';
import { requireMayFill } from './group-access.ts';

/** Puts houses into a locked group; returns those that are new there. */
export async function fillGroup(
  context: ApiContext,
  person: Person,
  { database, audit, afterCommit }: Change,
  group: groups.GroupRecord,
  deviceIds: readonly string[],
): Promise<string[]> {
  const { tenantId } = person;
  const scope = person.scope('fleet.read');
  requireStatic(group);
  if (!(await areDevicesIn(database, tenantId, scope, deviceIds))) throw new LovelyError('not-found');
  // Before they come in: afterwards they are in the person's own scope if the group is part of it.
  await requireMayFill(person, database, group.id, deviceIds);
  const added = await groups.addGroupDevices(database, tenantId, scope, group.id, deviceIds);
  audit({ object: { type: 'group', id: group.id, name: group.name }, details: { added } });
  afterCommit(() => announceGroup(context.bus, tenantId, group.id, added));
  return added;
}

/** Takes houses out of a locked group; returns those that were in it. */
export async function emptyGroup(
  context: ApiContext,
  person: Person,
  { database, audit, afterCommit }: Change,
  group: groups.GroupRecord,
  deviceIds: readonly string[],
): Promise<string[]> {
  const { tenantId } = person;
  requireStatic(group);
  const removed = await groups.removeGroupDevices(database, tenantId, person.scope('fleet.read'), group.id, deviceIds);
  audit({ object: { type: 'group', id: group.id, name: group.name }, details: { removed } });
  afterCommit(() => announceGroup(context.bus, tenantId, group.id, removed));
  return removed;
}

function requireStatic(group: groups.GroupRecord): void {
  if (group.kind !== 'static') throw new LovelyError('bad-input', 'This group fills itself: change its filter.');
}
