/** Deployments: made and steered by people, carried on by workers. */
import {
  abortDeployment,
  continueDeployment,
  countDeployments,
  createDeployment,
  getDeployment,
  listDeployments,
  pauseDeployment,
  previewDeployment,
  retryDeployment,
  updateDeployment,
} from '@lovely/api';
import { announceDeployments } from '../bus/announce.ts';
import { LovelyError } from '../errors.ts';
import { previewHouses } from '../store/deployment-preview.ts';
import * as deployments from '../store/deployments.ts';
import { someHouse } from '../store/deployment-engine.ts';
import * as steering from '../store/deployment-steering.ts';
import type { Database } from '../store/store.ts';
import { actorOf } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { startedBy } from './fix-runs.ts';
import { route, type Call, type Http } from './route.ts';

export function routeDeployments(http: Http, context: ApiContext): void {
  const tell = async ({ person, database, afterCommit }: Changing, deploymentId: string): Promise<void> => {
    const deviceId = (await someHouse(database, deploymentId)) ?? null;
    afterCommit(() => announceDeployments(context.bus, [{ tenantId: person.tenantId, deploymentId, deviceId }]));
  };

  route(http, context, previewDeployment, ({ person, database, body }) =>
    previewHouses(database, person.tenantId, { ...body, scope: person.scope('deployment.write') }),
  );

  route(http, context, createDeployment, async ({ body, ...call }) => {
    const { person, database, audit } = call;
    const scope = person.scope('deployment.write');
    const wish = { ...body, kind: 'software', scope, createdBy: startedBy(person) } as const;
    const id = await deployments.insertDeployment(database, person.tenantId, wish);
    const made = await deployments.getDeployment(database, person.tenantId, scope, id);
    const { name, artifactName, target, options } = made;
    audit({
      object: { type: 'deployment', id, name },
      details: { artifactName, target, options, houses: made.counts.houses },
    });
    await tell(call, id);
    return made;
  });

  route(http, context, listDeployments, ({ person, database, query }) =>
    deployments.listDeployments(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, countDeployments, ({ person, database }) =>
    deployments.countDeployments(database, person.tenantId, person.scope('fleet.read')),
  );

  route(http, context, getDeployment, async ({ person, database, params: { id } }) => ({
    ...(await deployments.getDeploymentDetail(database, person.tenantId, person.scope('fleet.read'), id)),
    maySteer:
      person.may('deployment.write') &&
      !(await deployments.reachesOutside(database, person.scope('deployment.write'), id)),
  }));

  route(http, context, updateDeployment, ({ params, body, ...call }) =>
    steer(call, params.id, (database, how) => steering.changeDeployment(database, params.id, body, how)),
  );
  route(http, context, pauseDeployment, ({ params, ...call }) =>
    steer(call, params.id, (database, how) => steering.pauseDeployment(database, params.id, how)),
  );
  route(http, context, continueDeployment, ({ params, body: { past }, ...call }) =>
    steer(call, params.id, (database, how) =>
      past === undefined
        ? steering.continueDeployment(database, params.id, how)
        : steering.passStep(database, params.id, past, how),
    ),
  );
  route(http, context, abortDeployment, ({ params, ...call }) =>
    steer(call, params.id, (database, how) => steering.abortDeployment(database, params.id, how)),
  );

  route(http, context, retryDeployment, async ({ params, body, ...call }) => {
    const { person, database, audit } = call;
    const scope = person.scope('deployment.write');
    const { tenantId } = person;
    const old = await deployments.getDeployment(database, tenantId, person.scope('fleet.read'), params.id);
    if (old.counts.failure === 0) throw new LovelyError('nothing-failed');
    const name = body.name ?? `${old.name} (again)`.slice(0, NAME_SHOWN_MAX);
    const id = await deployments.insertDeployment(database, tenantId, {
      name,
      artifactName: old.artifactName,
      kind: old.kind,
      target: old.target,
      options: { ...old.options, startAt: null, endAt: null, joins: false },
      scope,
      createdBy: startedBy(person),
      retryOf: { id: old.id, failure: body.failure },
    });
    const made = await deployments.getDeployment(database, tenantId, scope, id);
    const details = { retryOf: old.id, failure: body.failure, houses: made.counts.houses };
    audit({ object: { type: 'deployment', id, name }, details });
    await tell(call, id);
    return made;
  });

  async function steer(
    call: Changing,
    id: string,
    change: (database: Database, how: steering.Steering) => Promise<void>,
  ) {
    const { person, database, ifVersion, audit } = call;
    const { tenantId } = person;
    const scope = person.scope('deployment.write');
    const before = await deployments.getDeployment(database, tenantId, scope, id);
    if (await deployments.reachesOutside(database, scope, id))
      throw new LovelyError('not-allowed', 'It is for houses too that are not yours.');
    await change(database, { by: actorOf(person).name, ifVersion });
    const after = await deployments.getDeployment(database, tenantId, scope, id);
    audit({ object: { type: 'deployment', id, name: before.name }, before: shown(before), after: shown(after) });
    await tell(call, id);
    return after;
  }
}

type Changing = Pick<Call<typeof updateDeployment>, 'person' | 'database' | 'ifVersion' | 'audit' | 'afterCommit'> & {
  readonly person: Person;
};

const NAME_SHOWN_MAX = 200;

/** What the audit log compares. */
function shown({ name, state, options }: { name: string; state: string; options: object }): Record<string, unknown> {
  return { name, state, ...options };
}
