/** Houses of deployments: how far they are, why they failed, and steering one of them. */
import {
  abortDeploymentDevice,
  continueDeploymentDevice,
  getDeploymentDevice,
  getDeploymentLog,
  listDeploymentDevices,
  listDeploymentFailures,
  listDeviceDeployments,
  pauseDeploymentDevice,
  type UpdatePause,
} from '@lovely/api';
import { announceDeployments } from '../bus/announce.ts';
import * as houses from '../store/deployment-devices.ts';
import * as steering from '../store/deployment-steering.ts';
import { getDeployment } from '../store/deployments.ts';
import type { Database } from '../store/store.ts';
import { actorOf, requireDeviceFor } from './change.ts';
import type { ApiContext } from './context.ts';
import { route, type Call, type Http } from './route.ts';

export function routeDeploymentDevices(http: Http, context: ApiContext): void {
  route(http, context, listDeploymentDevices, async ({ person, database, params, query }) => {
    const scope = person.scope('fleet.read');
    await getDeployment(database, person.tenantId, scope, params.id);
    return await houses.listHouses(database, scope, params.id, query);
  });

  route(http, context, listDeploymentFailures, async ({ person, database, params }) => {
    const scope = person.scope('fleet.read');
    await getDeployment(database, person.tenantId, scope, params.id);
    return { items: await houses.listFailures(database, scope, params.id) };
  });

  route(http, context, getDeploymentDevice, ({ person, database, params }) =>
    houses.getHouseDetail(database, person.scope('fleet.read'), params.id, params.deviceId),
  );

  route(http, context, getDeploymentLog, async ({ person, database, params }) => {
    await houses.getHouse(database, person.scope('fleet.read'), params.id, params.deviceId);
    return await houses.getLog(database, params.id, params.deviceId);
  });

  route(http, context, listDeviceDeployments, async ({ person, database, params, query }) => {
    await requireDeviceFor(person, database, 'fleet.read', params.id);
    return await houses.listDeploymentsOfHouse(database, person.scope('fleet.read'), params.id, query);
  });

  route(http, context, pauseDeploymentDevice, ({ params, body: { before }, ...call }) =>
    steer(call, params, { before }, (database, by) =>
      steering.pauseHouse(database, params.id, params.deviceId, before, by),
    ),
  );
  route(http, context, continueDeploymentDevice, ({ params, ...call }) =>
    steer(call, params, {}, (database, by) => steering.continueHouse(database, params.id, params.deviceId, by)),
  );
  route(http, context, abortDeploymentDevice, ({ params, ...call }) =>
    steer(call, params, {}, (database, by) => steering.abortHouse(database, params.id, params.deviceId, by)),
  );

  async function steer(
    { person, database, audit, afterCommit }: Changing,
    { id: deploymentId, deviceId }: { readonly id: string; readonly deviceId: string },
    details: { readonly before?: readonly UpdatePause[] },
    change: (database: Database, by: string) => Promise<void>,
  ) {
    const { tenantId } = person;
    await requireDeviceFor(person, database, 'deployment.write', deviceId);
    const scope = person.scope('deployment.write');
    const { name } = await getDeployment(database, tenantId, scope, deploymentId);
    const before = await houses.getHouse(database, scope, deploymentId, deviceId);
    await change(database, actorOf(person).name);
    const after = await houses.getHouse(database, scope, deploymentId, deviceId);
    audit({
      object: { type: 'deployment', id: deploymentId, name },
      before: { state: before.state, pauseBefore: before.pauseBefore },
      after: { state: after.state, pauseBefore: after.pauseBefore },
      details: { deviceId, ...details },
    });
    afterCommit(() => announceDeployments(context.bus, [{ tenantId, deploymentId, deviceId }]));
    return after;
  }
}

type Changing = Pick<Call<typeof abortDeploymentDevice>, 'person' | 'database' | 'audit' | 'afterCommit'>;
