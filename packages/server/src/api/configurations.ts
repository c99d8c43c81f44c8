/** What houses should be set to, and what they say they are. */
import {
  getDeviceConfiguration,
  getDeviceConfigurationForm,
  listConfigurations,
  listDeviceConfigurationVersions,
  putDeviceConfiguration,
  retryDeviceConfiguration,
  revertDeviceConfiguration,
  type Configuration,
  type ConfigurationValues,
} from '@lovely/api';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { formOf } from '../domain/configuration-schema.ts';
import { getVersion, listVersions } from '../store/configuration-history.ts';
import * as lists from '../store/configuration-lists.ts';
import { getConfiguredHouse, listSchemas } from '../store/configuration-schemas.ts';
import { getConfiguration, replaceOwn, retryDesired, type ConfigurationChange } from '../store/configurations.ts';
import { findDeviceName } from '../store/devices.ts';
import { getDeviceGroup } from '../store/groups.ts';
import type { Database } from '../store/store.ts';
import { requireDeviceFor, type Change } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { requireVisibleGroup } from './groups.ts';
import { route, type Http } from './route.ts';

export function routeConfigurations(http: Http, context: ApiContext): void {
  route(http, context, listConfigurations, async ({ person, database, query }) => {
    const scope = person.scope('fleet.read');
    const { groupId } = query;
    if (groupId !== undefined) requireVisibleGroup(person, groupId);
    const group = groupId === undefined ? undefined : await getDeviceGroup(database, person.tenantId, groupId);
    return {
      ...(await lists.listConfigurations(database, person.tenantId, scope, group, query)),
      counts: await lists.countStates(database, person.tenantId, scope, group),
    };
  });

  route(http, context, getDeviceConfiguration, async ({ person, database, params }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    return await getConfiguration(database, person.tenantId, params.id);
  });

  route(http, context, getDeviceConfigurationForm, async ({ person, database, params }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    const house = await getConfiguredHouse(database, person.tenantId, params.id);
    return formOf(await listSchemas(database, person.tenantId), house);
  });

  route(http, context, listDeviceConfigurationVersions, async ({ person, database, params, query }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    const { items, hasMore } = await listVersions(database, person.tenantId, { deviceId: params.id }, query);
    return { items: items.map(({ version, values, at, by, note }) => ({ version, values, at, by, note })), hasMore };
  });

  route(http, context, putDeviceConfiguration, async ({ person, database, params, body, ifVersion, ...change }) => {
    await requireDeviceFor(person, database, 'configuration.write', params.id);
    const { values, note, confirmMs } = body;
    return await replace(person, { database, ...change }, params.id, values, { note, confirmMs, ifVersion });
  });

  route(http, context, revertDeviceConfiguration, async ({ person, database, params, body, ifVersion, ...change }) => {
    await requireDeviceFor(person, database, 'configuration.write', params.id);
    const { version, confirmMs } = body;
    const { values } = await getVersion(database, person.tenantId, { deviceId: params.id }, version);
    const note = `Back to version ${version}`;
    return await replace(person, { database, ...change }, params.id, values, { note, confirmMs, ifVersion });
  });

  route(http, context, retryDeviceConfiguration, async ({ person, database, params, body, ...change }) => {
    await requireDeviceFor(person, database, 'configuration.write', params.id);
    await retryDesired(database, person.tenantId, params.id, person.user.name, body.confirmMs);
    change.audit({
      object: await objectOf(database, person.tenantId, params.id),
      details: { confirmMs: body.confirmMs },
    });
    return await told(person, { database, ...change }, params.id);
  });

  async function replace(
    person: Person,
    change: Change,
    deviceId: string,
    values: ConfigurationValues,
    how: Omit<ConfigurationChange, 'by'>,
  ): Promise<Configuration> {
    const { database } = change;
    const { tenantId, user } = person;
    const before = await getConfiguration(database, tenantId, deviceId);
    await replaceOwn(database, tenantId, deviceId, values, { by: user.name, ...how });
    change.audit({
      object: await objectOf(database, tenantId, deviceId),
      before: before.own,
      after: values,
      details: { note: how.note, confirmMs: how.confirmMs },
    });
    return await told(person, change, deviceId);
  }

  async function told({ tenantId }: Person, change: Change, deviceId: string): Promise<Configuration> {
    change.afterCommit(() =>
      publishItems(context.bus, event(tenantId, 'configuration'), [{ device: deviceId, ts: Date.now() }]),
    );
    return await getConfiguration(change.database, tenantId, deviceId);
  }
}

async function objectOf(database: Database, tenantId: string, deviceId: string) {
  return { type: 'device', id: deviceId, name: (await findDeviceName(database, tenantId, deviceId)) ?? '' };
}
