/** What a house should be set to, and what it says it is. */
import { getDeviceConfiguration, putDeviceConfiguration } from '@lovely/api';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { getConfiguration, replaceDesired } from '../store/configurations.ts';
import { findDeviceName } from '../store/devices.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeConfigurations(http: Http, context: ApiContext): void {
  route(http, context, getDeviceConfiguration, async ({ person, database, params }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    return await getConfiguration(database, person.tenantId, params.id);
  });

  route(http, context, putDeviceConfiguration, async ({ person, database, params, body, ifVersion, ...change }) => {
    const { tenantId, user } = person;
    await requireDeviceFor(person, database, 'device.write', params.id);
    const before = await getConfiguration(database, tenantId, params.id);
    await replaceDesired(database, tenantId, params.id, body.desired, user.name, ifVersion);
    const name = (await findDeviceName(database, tenantId, params.id)) ?? '';
    change.audit({
      object: { type: 'device', id: params.id, name },
      before: before.desired,
      after: body.desired,
    });
    change.afterCommit(() =>
      publishItems(context.bus, event(tenantId, 'configuration'), [{ device: params.id, ts: Date.now() }]),
    );
    return await getConfiguration(database, tenantId, params.id);
  });
}
