/** Mender's management API: devices of deployments, and deployments of devices (COMPAT section 3.4). */
import { z } from 'zod';
import { announceDeployments } from '../../bus/announce.ts';
import { LovelyError } from '../../errors.ts';
import { DEPLOYMENT_DEVICES_SHOWN_MAX } from '../../limits.ts';
import { abortHouse } from '../../store/deployment-steering.ts';
import { getDeployment } from '../../store/deployments.ts';
import {
  listDeploymentDeviceIds,
  listMenderDeploymentDevices,
  listOpenDeploymentIds,
  readLog,
  type MenderDeploymentDevice,
  type MenderDeviceFilter,
} from '../../store/mender-deployments.ts';
import { change, requireDeviceFor } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { statesOf, toMenderDevice, toMenderLog } from './deployment-shapes.ts';
import { DEPLOYMENTS_V1, inMendersShape } from './deployments.ts';
import { readId } from './id.ts';
import { readInput } from './input.ts';
import { pageHeaders, readPage, type PageRequest } from './paging.ts';

const query = z.object({ status: z.string().max(64).optional() });

export function routeDeploymentDevices(http: Http, context: ApiContext): void {
  http.get(`${DEPLOYMENTS_V1}/:deployment/devices/list`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const deploymentId = await requireDeployment(person, c.req.param('deployment'));
    const { items, total } = await list(person, { deploymentId, states: readStates(c.req.query()) }, page);
    return c.json(items.map(toMenderDevice), 200, pageHeaders(c.req.url, page, total));
  });

  http.get(`${DEPLOYMENTS_V1}/:deployment/devices`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const deploymentId = await requireDeployment(person, c.req.param('deployment'));
    const { items } = await list(person, { deploymentId, states: readStates(c.req.query()) }, ALL);
    return c.json(items.map(toMenderDevice));
  });

  http.get(`${DEPLOYMENTS_V1}/:deployment/device_list`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const deploymentId = await requireDeployment(person, c.req.param('deployment'));
    const { database, tenantId, scope } = person;
    return c.json(await listDeploymentDeviceIds(database, tenantId, scope('fleet.read'), deploymentId));
  });

  http.get(`${DEPLOYMENTS_V1}/:deployment/devices/:id/log`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const [deploymentId, deviceId] = [readId(c.req.param('deployment')), readId(c.req.param('id'))];
    await requireDeviceFor(person, person.database, 'fleet.read', deviceId);
    const { items } = await list(person, { deploymentId, deviceId }, ONE);
    if (!items[0]?.hasLog) throw new LovelyError('not-found');
    return c.text(toMenderLog(await readLog(person.database, deploymentId, deviceId)));
  });

  http.get(`${DEPLOYMENTS_V1}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const page = readPage(c.req.query());
    const deviceId = readId(c.req.param('id'));
    await requireDeviceFor(person, person.database, 'fleet.read', deviceId);
    const { items, total } = await list(person, { deviceId, states: readStates(c.req.query()) }, page);
    const deployments = await inMendersShape(
      person,
      items.map(({ deploymentId }) => deploymentId),
    );
    return c.json(
      items.map((item, at) => ({
        id: `${item.deploymentId}/${deviceId}`,
        deployment: deployments[at],
        device: toMenderDevice(item),
      })),
      200,
      pageHeaders(c.req.url, page, total),
    );
  });

  // Whatever it is in ends for this device.
  http.delete(`${DEPLOYMENTS_V1}/devices/:id`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'deployment.write', c.env.address);
    const deviceId = readId(c.req.param('id'));
    const { tenantId, user } = person;
    const object = { type: 'device', id: deviceId };
    await change(context, person, 'deployment.abort-device', object, async ({ database, afterCommit }) => {
      await requireDeviceFor(person, database, 'deployment.write', deviceId);
      for (const deploymentId of await listOpenDeploymentIds(database, tenantId, deviceId)) {
        await abortHouse(database, deploymentId, deviceId, user.name);
        afterCommit(() => announceDeployments(context.bus, [{ tenantId, deploymentId, deviceId }]));
      }
    });
    return c.body(null, 204);
  });
}

const ALL: PageRequest = { page: 1, perPage: DEPLOYMENT_DEVICES_SHOWN_MAX };
const ONE: PageRequest = { page: 1, perPage: 1 };

async function list(
  { database, tenantId, scope }: Person,
  filter: Omit<MenderDeviceFilter, 'scope'>,
  page: PageRequest,
): Promise<{ items: MenderDeploymentDevice[]; total: number }> {
  return await listMenderDeploymentDevices(database, tenantId, { ...filter, scope: scope('fleet.read') }, page);
}

/** Throws 'not-found' for one that has no device which the person may see. */
async function requireDeployment({ database, tenantId, scope }: Person, given: string): Promise<string> {
  return (await getDeployment(database, tenantId, scope('fleet.read'), readId(given))).id;
}

function readStates(given: Record<string, string>) {
  const { status } = readInput(query, given);
  if (status === undefined) return undefined;
  const states = statesOf(status);
  if (!states) throw new LovelyError('bad-request', 'status: there is no such status of a device.');
  return states;
}
