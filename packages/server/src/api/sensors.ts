/** Sensors of a house, and which models there are. */
import { listSensorModels, listSensors } from '@lovely/api';
import * as sensors from '../store/sensors.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Http } from './route.ts';

export function routeSensors(http: Http, context: ApiContext): void {
  route(http, context, listSensors, async ({ person, database, params }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    return { items: await sensors.listSensors(database, person.tenantId, params.id) };
  });

  route(http, context, listSensorModels, async ({ person, database }) => ({
    items: await sensors.listSensorModels(database, person.tenantId, person.scope('fleet.read')),
  }));
}
