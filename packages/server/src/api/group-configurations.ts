/** What groups set on their houses. */
import {
  getGroupConfiguration,
  getGroupConfigurationForm,
  listGroupConfigurationVersions,
  putGroupConfiguration,
  revertGroupConfiguration,
  type ConfigurationValues,
  type GroupConfiguration,
} from '@lovely/api';
import { groupFormOf } from '../domain/configuration-schema.ts';
import { LovelyError } from '../errors.ts';
import { getVersion, listVersions } from '../store/configuration-history.ts';
import { listSchemas } from '../store/configuration-schemas.ts';
import type { ConfigurationChange } from '../store/configurations.ts';
import * as settings from '../store/group-configurations.ts';
import { getDeviceGroup, lockGroup } from '../store/groups.ts';
import type { Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

export function routeGroupConfigurations(http: Http, context: ApiContext): void {
  route(http, context, getGroupConfiguration, async ({ person, database, params }) => {
    requireVisibleGroup(person, params.id);
    return await settings.getGroupConfiguration(database, person.tenantId, person.scope('fleet.read'), params.id);
  });

  route(http, context, getGroupConfigurationForm, async ({ person, database, params }) => {
    requireVisibleGroup(person, params.id);
    await getDeviceGroup(database, person.tenantId, params.id);
    return groupFormOf(await listSchemas(database, person.tenantId));
  });

  route(http, context, listGroupConfigurationVersions, async ({ person, database, params, query }) => {
    requireVisibleGroup(person, params.id);
    await getDeviceGroup(database, person.tenantId, params.id);
    return await listVersions(database, person.tenantId, { groupId: params.id }, query);
  });

  route(http, context, putGroupConfiguration, async ({ person, database, params, body, ifVersion, ...change }) => {
    const { values, priority, note, confirmMs } = body;
    const setting = { values, priority };
    return await replace(person, { database, ...change }, params.id, setting, { note, confirmMs, ifVersion });
  });

  route(http, context, revertGroupConfiguration, async ({ person, database, params, body, ifVersion, ...change }) => {
    const { version, confirmMs } = body;
    requireVisibleGroup(person, params.id);
    const known = await getVersion(database, person.tenantId, { groupId: params.id }, version);
    const setting = { values: known.values, priority: known.priority };
    const note = `Back to version ${version}`;
    return await replace(person, { database, ...change }, params.id, setting, { note, confirmMs, ifVersion });
  });
}

/** @param setting of priority null: as it is */
async function replace(
  person: Person,
  change: Change,
  groupId: string,
  setting: { readonly values: ConfigurationValues; readonly priority: number | null },
  how: Omit<ConfigurationChange, 'by'>,
): Promise<GroupConfiguration> {
  const { database } = change;
  const { tenantId, user } = person;
  requireVisibleGroup(person, groupId);
  const group = await lockGroup(database, tenantId, groupId, undefined);
  requireGroupFor(person, groupId);
  const before = await settings.getGroupSetting(database, tenantId, groupId);
  const { values } = setting;
  const after = { values, priority: setting.priority ?? before.priority };
  await settings.replaceGroupValues(database, tenantId, groupId, after, { by: user.name, ...how });
  change.audit({
    object: { type: 'group', id: groupId, name: group.name },
    before: { ...before.values, priority: before.priority },
    after: { ...values, priority: after.priority },
    details: { note: how.note, confirmMs: how.confirmMs },
  });
  return await settings.getGroupConfiguration(database, tenantId, person.scope('fleet.read'), groupId);
}

/** Whoever sets something on all houses of a group must be allowed to on all of them. */
function requireGroupFor(person: Person, groupId: string): void {
  const scope = person.scope('configuration.write');
  if (scope.kind !== 'all' && !scope.groups.some(({ id }) => id === groupId.toLowerCase()))
    throw new LovelyError('not-allowed');
}
