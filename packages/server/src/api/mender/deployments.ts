/** Mender's management API: deployments (COMPAT section 3.4). Their devices are in deployment-devices.ts. */
import { NAME_LENGTH_MAX, type Deployment, type DeploymentTarget } from '@lovely/api';
import { z } from 'zod';
import { announceDeployments } from '../../bus/announce.ts';
import { LovelyError } from '../../errors.ts';
import { DEPLOYMENT_WISH_BYTES_MAX, MENDER_STATISTICS_MAX } from '../../limits.ts';
import { abortDeployment, passStep } from '../../store/deployment-steering.ts';
import { getDeployment, insertDeployment, reachesOutside } from '../../store/deployments.ts';
import { listGroupNames } from '../../store/groups.ts';
import { searchDeploymentIds, type MenderDeploymentFilter } from '../../store/mender-deployments.ts';
import { findArtifactIds } from '../../store/mender-software.ts';
import { change, type Change } from '../change.ts';
import type { ApiContext, Person } from '../context.ts';
import { requirePerson } from '../guard.ts';
import type { Http } from '../route.ts';
import { controlMap, pausesOf } from './control-map.ts';
import { statisticsOf, toMenderDeployment } from './deployment-shapes.ts';
import { newDeployment, toOptions, type NewMenderDeployment } from './deployment-wish.ts';
import { readId } from './id.ts';
import { readBody, readInput } from './input.ts';
import { pageHeaders, readPage } from './paging.ts';

export const DEPLOYMENTS_V1 = '/api/management/v1/deployments/deployments';
export const DEPLOYMENTS_V2 = '/api/management/v2/deployments/deployments';

const seconds = z.coerce
  .number()
  .min(0)
  .max(2 ** 33)
  .transform((since) => new Date(since * 1000));
const query = z.object({
  status: z.enum(['scheduled', 'pending', 'inprogress', 'finished']).optional(),
  type: z.enum(['software', 'configuration']).optional(),
  search: z.string().max(NAME_LENGTH_MAX).optional(),
  name: z.string().max(NAME_LENGTH_MAX).optional(),
  created_after: seconds.optional(),
  created_before: seconds.optional(),
  sort: z.enum(['asc', 'desc']).default('desc'),
});
const abortBody = z.object({ status: z.literal('aborted') });
const statisticsBody = z.object({ deployment_ids: z.array(z.uuid()).min(1).max(MENDER_STATISTICS_MAX) });
const controlBody = z.object({ update_control_map: controlMap });

export function routeDeployments(http: Http, context: ApiContext): void {
  for (const prefix of [DEPLOYMENTS_V1, DEPLOYMENTS_V2]) {
    http.post(prefix, async (c) => {
      const person = await requirePerson(context, c.req.raw, 'deployment.write', c.env.address);
      const wish = await readBody(c.req.raw, newDeployment, DEPLOYMENT_WISH_BYTES_MAX);
      const id = await create(person, wish, await targetOf(person, wish));
      return c.body(null, 201, { location: `${DEPLOYMENTS_V1}/${id}` });
    });

    http.get(prefix, async (c) => {
      const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
      const page = readPage(c.req.query());
      const filter = readFilter(person, c.req.query(), c.req.queries('id'));
      const { ids, total } = await searchDeploymentIds(person.database, person.tenantId, filter, page);
      return c.json(await inMendersShape(person, ids), 200, pageHeaders(c.req.url, page, total));
    });

    http.get(`${prefix}/:deployment`, async (c) => {
      const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
      const [deployment] = await inMendersShape(person, [readId(c.req.param('deployment'))]);
      return c.json(deployment);
    });
  }

  http.post(`${DEPLOYMENTS_V1}/group/:name`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'deployment.write', c.env.address);
    const wish = await readBody(c.req.raw, newDeployment, DEPLOYMENT_WISH_BYTES_MAX);
    const id = await create(person, wish, await targetOf(person, { ...wish, group: c.req.param('name') }));
    return c.body(null, 201, { location: `${DEPLOYMENTS_V1}/${id}` });
  });

  http.put(`${DEPLOYMENTS_V1}/:deployment/status`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'deployment.write', c.env.address);
    const id = readId(c.req.param('deployment'));
    await readBody(c.req.raw, abortBody);
    await steer(person, 'deployment.abort', id, async ({ database }) => {
      await abortDeployment(database, id, { by: person.user.name, ifVersion: undefined });
    });
    return c.body(null, 204);
  });

  // Devices go on past the steps where the map has them wait no more.
  http.patch(`${DEPLOYMENTS_V2}/:deployment`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'deployment.write', c.env.address);
    const id = readId(c.req.param('deployment'));
    const { update_control_map: map } = await readBody(c.req.raw, controlBody);
    const wanted = pausesOf(map);
    await steer(person, 'deployment.continue', id, async ({ database }, { options }) => {
      const added = wanted.find((pause) => !options.pauseBefore.includes(pause));
      if (added !== undefined)
        throw new LovelyError(
          'bad-input',
          'Where devices wait is said when a deployment is made; it can be taken back.',
        );
      for (const pause of options.pauseBefore)
        if (!wanted.includes(pause))
          await passStep(database, id, pause, { by: person.user.name, ifVersion: undefined });
    });
    return c.body(null, 204);
  });

  http.get(`${DEPLOYMENTS_V1}/:deployment/statistics`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { counts } = await get(person, readId(c.req.param('deployment')));
    return c.json(statisticsOf(counts));
  });

  http.post(`${DEPLOYMENTS_V1}/statistics/list`, async (c) => {
    const person = await requirePerson(context, c.req.raw, 'fleet.read', c.env.address);
    const { deployment_ids: wanted } = await readBody(c.req.raw, statisticsBody);
    const filter = { ids: wanted, scope: person.scope('fleet.read'), order: 'desc' } as const;
    const all = { page: 1, perPage: MENDER_STATISTICS_MAX };
    const { ids } = await searchDeploymentIds(person.database, person.tenantId, filter, all);
    const deployments = await Promise.all(ids.map((id) => get(person, id)));
    return c.json(deployments.map(({ id, counts }) => ({ id, stats: statisticsOf(counts) })));
  });

  async function get({ database, tenantId, scope }: Person, id: string): Promise<Deployment> {
    return await getDeployment(database, tenantId, scope('fleet.read'), id);
  }

  async function create(person: Person, wish: NewMenderDeployment, target: DeploymentTarget): Promise<string> {
    const { name, artifact_name: artifactName } = wish;
    const options = toOptions(wish);
    const { tenantId, user } = person;
    return await change(context, person, 'deployment.create', { type: 'deployment', id: '', name }, async (made) => {
      const id = await insertDeployment(made.database, tenantId, {
        name,
        artifactName,
        kind: 'software',
        target,
        options,
        scope: person.scope('deployment.write'),
        createdBy: { type: 'user', id: user.id, name: user.name },
      });
      made.audit({ object: { type: 'deployment', id, name }, details: { artifactName, target } });
      return id;
    });
  }

  /** A change of a deployment that is not over, by somebody who may roll out to all of its devices. */
  async function steer(
    person: Person,
    action: string,
    id: string,
    make: (made: Change, deployment: Deployment) => Promise<void>,
  ): Promise<void> {
    const { tenantId } = person;
    await change(context, person, action, { type: 'deployment', id }, async (made) => {
      const scope = person.scope('deployment.write');
      const deployment = await getDeployment(made.database, tenantId, scope, id);
      made.audit({ object: { type: 'deployment', id, name: deployment.name } });
      if (await reachesOutside(made.database, scope, id)) throw new LovelyError('not-allowed');
      await make(made, deployment);
      made.afterCommit(() => announceDeployments(context.bus, [{ tenantId, deploymentId: id, deviceId: null }]));
    });
  }
}

/** Deployments by their ids, in their order. Throws 'not-found' for one that the person may not see. */
export async function inMendersShape({ database, tenantId, scope }: Person, ids: readonly string[]) {
  const deployments = await Promise.all(ids.map((id) => getDeployment(database, tenantId, scope('fleet.read'), id)));
  const names = deployments.map(({ artifactName }) => artifactName);
  const artifacts = await findArtifactIds(database, tenantId, names);
  const groups = new Map((await listGroupNames(database, tenantId)).map(({ id, name }) => [id, name]));
  return deployments.map((deployment) =>
    toMenderDeployment(deployment, {
      artifactIds: artifacts.get(deployment.artifactName) ?? [],
      groupName: deployment.target.kind === 'group' ? groups.get(deployment.target.groupId) : undefined,
    }),
  );
}

/** One of: devices, all of them, a group by its name, a filter, which is a group of ours that fills itself. */
async function targetOf(
  { database, tenantId }: Person,
  { devices, all_devices: isAll, group, filter_id: filterId }: NewMenderDeployment,
): Promise<DeploymentTarget> {
  if (group !== undefined) {
    const found = (await listGroupNames(database, tenantId)).find(({ name }) => name === group);
    if (!found) throw new LovelyError('not-found', 'There is no group of this name.');
    return { kind: 'group', groupId: found.id };
  }
  if (filterId !== undefined) return { kind: 'group', groupId: filterId };
  if (isAll === true) return { kind: 'all' };
  if (devices) return { kind: 'devices', ids: devices };
  throw new LovelyError('bad-request', 'Say which devices: devices, all_devices, group or filter_id.');
}

function readFilter(person: Person, given: Record<string, string>, ids: string[] | undefined): MenderDeploymentFilter {
  const { status, type, search, name, sort, created_after, created_before } = readInput(query, given);
  return {
    scope: person.scope('fleet.read'),
    status,
    kind: type,
    search,
    name,
    ids: ids?.map(readId),
    createdAfter: created_after,
    createdBefore: created_before,
    order: sort,
  };
}
