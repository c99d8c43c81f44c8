/** Fix runs: started and cancelled by people, carried on by workers. */
import { cancelFixRun, getFixRun, listFixRuns, runFix, type Fix, type FixRun } from '@lovely/api';
import type { Bus } from '../bus/bus.ts';
import { event } from '../bus/subjects.ts';
import { publishItems } from '../bus/topic.ts';
import { LovelyError } from '../errors.ts';
import { recordAlertEvent } from '../store/alert-events.ts';
import * as runs from '../store/fix-runs.ts';
import * as fixes from '../store/fixes.ts';
import type { StartedBy } from '../store/schema/fixes.ts';
import type { Database } from '../store/store.ts';
import { requireDeviceFor } from './change.ts';
import type { ApiContext, Person } from './context.ts';
import { route, type Http } from './route.ts';

export function routeFixRuns(http: Http, context: ApiContext): void {
  route(http, context, runFix, async ({ person, database, params, body, audit, afterCommit }) => {
    const { tenantId } = person;
    const alert = await runs.getFixableAlert(database, tenantId, person.scope('fix.run'), params.id);
    const fix = await namedFix(database, tenantId, body.fixId);
    const { parameters } = body;
    const id = await runs.insertFixRun(database, tenantId, { fix, alert, parameters, startedBy: startedBy(person) });
    const by = { id: person.user.id, name: person.user.name };
    const entry = {
      tenantId,
      alertId: alert.id,
      kind: 'fix-run',
      by,
      text: fix.title,
      details: { runId: id },
    } as const;
    await recordAlertEvent(database, entry);
    audit({
      object: { type: 'alert', id: alert.id, name: alert.rule },
      details: { fix: fix.title, run: id, device: alert.deviceId, parameters },
    });
    const run = await runOf(database, person, id);
    afterCommit(() => announce(context.bus, tenantId, run));
    return run;
  });

  route(http, context, listFixRuns, ({ person, database, query }) =>
    runs.listFixRuns(database, person.tenantId, person.scope('fleet.read'), query),
  );

  route(http, context, getFixRun, ({ person, database, params, query }) =>
    runs.getFixRun(database, person.tenantId, person.scope('fleet.read'), params.id, query.outputFrom),
  );

  route(http, context, cancelFixRun, async ({ person, database, params, audit, afterCommit }) => {
    const before = await runs.getFixRun(database, person.tenantId, person.scope('fix.run'), params.id);
    await requireDeviceFor(person, database, 'fix.run', before.deviceId);
    await runs.cancelFixRun(database, person.tenantId, params.id);
    audit({
      object: { type: 'alert', id: before.alertId, name: before.rule },
      details: { fix: before.fixTitle, run: before.id, device: before.deviceId },
    });
    const run = await runOf(database, person, params.id);
    afterCommit(() => announce(context.bus, person.tenantId, run));
    return run;
  });
}

export function startedBy({ user }: Person): StartedBy {
  return { type: 'user', id: user.id, name: user.name };
}

/** A fix that a body names. Throws 'bad-input' where there is none. */
export async function namedFix(database: Database, tenantId: string, id: string): Promise<Fix> {
  try {
    return await fixes.getFix(database, tenantId, id);
  } catch (cause) {
    if (!(cause instanceof LovelyError && cause.code === 'not-found')) throw cause;
    throw new LovelyError('bad-input', 'There is no such fix.', { pointer: '/fixId', cause });
  }
}

async function runOf(database: Database, person: Person, id: string): Promise<FixRun> {
  const { output: _, ...run } = await runs.getFixRun(database, person.tenantId, person.scope('fix.run'), id);
  return run;
}

/** Workers look at once at a run that waits, and browsers show it. */
function announce(bus: Bus, tenantId: string, { id, deviceId, alertId, rolloutId, state }: FixRun): void {
  const rollout = rolloutId === null ? {} : { rollout: rolloutId };
  publishItems(bus, event(tenantId, 'fix-run'), [
    { device: deviceId, alert: alertId, run: id, ...rollout, state, ts: Date.now() },
  ]);
}
