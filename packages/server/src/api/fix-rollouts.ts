/** Rollouts of fixes: started and steered by people, carried on by workers. */
import {
  abortFixRollout,
  continueFixRollout,
  createFixRollout,
  getFixRollout,
  listFixRollouts,
  pauseFixRollout,
  previewFixRollout,
  type FixRolloutTarget,
} from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { chosenParameters } from '../domain/fix-action.ts';
import { LovelyError } from '../errors.ts';
import * as rollouts from '../store/fix-rollouts.ts';
import { getDeviceGroup } from '../store/groups.ts';
import type { Database } from '../store/store.ts';
import type { ApiContext, Person } from './context.ts';
import { namedFix, startedBy } from './fix-runs.ts';
import { route, type Http } from './route.ts';

export function routeFixRollouts(http: Http, context: ApiContext): void {
  route(http, context, previewFixRollout, async ({ person, database, body }) => {
    const { rule } = await namedFix(database, person.tenantId, body.fixId);
    const scopes = await scopesOf(person, database, body.target);
    return await rollouts.previewRollout(database, person.tenantId, scopes, { rule, target: body.target });
  });

  route(http, context, createFixRollout, async ({ person, database, body, audit }) => {
    const { tenantId } = person;
    const fix = await namedFix(database, tenantId, body.fixId);
    const { target, parameters, parallelMax, minSuccess } = body;
    requireChosen(fix.parameters, parameters);
    const scopes = await scopesOf(person, database, target);
    const wish = { fix, target, parameters, parallelMax, minSuccess, startedBy: startedBy(person) };
    const id = await rollouts.insertRollout(database, tenantId, scopes, wish);
    const rollout = await rollouts.getRollout(database, tenantId, person.scope('fix.run'), id);
    audit({
      object: { type: 'fix-rollout', id, name: fix.title },
      details: { rule: fix.rule, target, parameters, houses: rollout.counts.houses },
    });
    return rollout;
  });

  route(http, context, listFixRollouts, ({ person, database, query }) =>
    rollouts.listRollouts(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, getFixRollout, ({ person, database, params }) =>
    rollouts.getRollout(database, person.tenantId, person.scope('fleet.read'), params.id),
  );

  for (const [contract, steer] of [
    [pauseFixRollout, rollouts.pauseRollout],
    [continueFixRollout, rollouts.continueRollout],
    [abortFixRollout, rollouts.abortRollout],
  ] as const)
    route(http, context, contract, async ({ person, database, params, ifVersion, audit }) => {
      const scope = person.scope('fix.run');
      const before = await rollouts.getRollout(database, person.tenantId, scope, params.id);
      if (await rollouts.reachesBeyond(database, scope, params.id))
        throw new LovelyError('not-allowed', 'It is on houses too that are not yours.');
      await steer(database, params.id, ifVersion);
      const after = await rollouts.getRollout(database, person.tenantId, scope, params.id);
      const { fixTitle: name, state } = before;
      audit({ object: { type: 'fix-rollout', id: params.id, name }, before: { state }, after: { state: after.state } });
      return after;
    });
}

/** All that a house must be in. Throws 'not-found' for a group that there isn't. */
async function scopesOf(person: Person, database: Database, { groupId }: FixRolloutTarget): Promise<DeviceScope[]> {
  const scope = person.scope('fix.run');
  if (groupId === null) return [scope];
  return [scope, { kind: 'some', groups: [await getDeviceGroup(database, person.tenantId, groupId)] }];
}

/** What must be chosen is the same for every house; only defaults are filled with what is at hand at each. */
function requireChosen(
  declared: Parameters<typeof chosenParameters>[0],
  chosen: Parameters<typeof chosenParameters>[1],
): void {
  const withoutTemplates = declared.map((one) =>
    typeof one.default === 'string' && one.default.includes('{') ? { ...one, type: 'text' as const, default: '' } : one,
  );
  chosenParameters(withoutTemplates, chosen, { source: '', values: {}, isOfSensor: false });
}
