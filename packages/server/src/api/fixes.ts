/** Fixes: what to do about the alerts of a rule. */
import { randomUUID } from 'node:crypto';
import { createFix, deleteFix, getFix, listFixes, resetFix, updateFix, type Fix } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { isRunnable } from '../domain/fix-action.ts';
import { fillTemplate } from '../domain/rule.ts';
import { getFixableAlert } from '../store/fix-runs.ts';
import * as fixes from '../store/fixes.ts';
import type { ApiContext, Person } from './context.ts';
import { mayEverywhere } from './given-access.ts';
import { route, type Http } from './route.ts';

export function routeFixes(http: Http, context: ApiContext): void {
  route(http, context, listFixes, async ({ person, database, query }) => {
    const { tenantId } = person;
    if (query.alertId === undefined) return { items: await fixes.listFixes(database, tenantId, { rule: query.rule }) };
    const alert = await getFixableAlert(database, tenantId, person.scope('fleet.read'), query.alertId);
    const items = await fixes.listFixes(database, tenantId, { rule: alert.rule, model: alert.model });
    const values = { ...alert.values, source: alert.source, target: alert.source };
    return {
      items: items.map((fix) => ({
        ...fix,
        title: fillTemplate(fix.title, values),
        steps: fix.steps.map((step) => fillTemplate(step, values)),
      })),
    };
  });

  route(http, context, getFix, ({ person, database, params }) => fixes.getFix(database, person.tenantId, params.id));

  route(http, context, createFix, async ({ person, database, body, audit }) => {
    const id = randomUUID();
    requireSound(body);
    requireMayRun(person, body);
    await fixes.insertFix(database, person.tenantId, { id, ...body });
    audit({ object: { type: 'fix', id, name: body.title }, after: body });
    return await fixes.getFix(database, person.tenantId, id);
  });

  route(http, context, updateFix, async ({ person, database, params, body, ifVersion, audit }) => {
    const before = await fixes.getFix(database, person.tenantId, params.id);
    const given = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== undefined)) as Partial<Fix>;
    const content = { ...before, ...given };
    requireSound(content);
    requireMayRun(person, content);
    await fixes.updateFix(database, person.tenantId, params.id, content, ifVersion);
    const after = await fixes.getFix(database, person.tenantId, params.id);
    audit({ object: objectOf(after), before: written(before), after: written(after) });
    return after;
  });

  route(http, context, resetFix, async ({ person, database, params, ifVersion, audit }) => {
    const before = await fixes.getFix(database, person.tenantId, params.id);
    await fixes.resetFix(database, person.tenantId, params.id, ifVersion);
    const after = await fixes.getFix(database, person.tenantId, params.id);
    audit({ object: objectOf(after), before: written(before), after: written(after) });
    return after;
  });

  route(http, context, deleteFix, async ({ person, database, params, ifVersion, audit }) => {
    const before = await fixes.getFix(database, person.tenantId, params.id);
    await fixes.deleteFix(database, person.tenantId, params.id, ifVersion);
    audit({ object: objectOf(before), before: written(before) });
    return undefined;
  });
}

function objectOf({ id, title }: Fix) {
  return { type: 'fix', id, name: title };
}

/** What people write of a fix. */
function written({ title, steps, risk, takesMs, parameters, actions, checkMs, automatic }: Fix) {
  return { title, steps, risk, takesMs, parameters, actions, checkMs, automatic };
}

/** What no single member says. Throws 'bad-input'. */
function requireSound({ parameters, actions, automatic }: Pick<Fix, 'parameters' | 'actions' | 'automatic'>): void {
  const names = parameters.map(({ name }) => name);
  if (new Set(names).size < names.length) throw bad('/parameters', 'Each parameter has a name of its own.');
  for (const [index, { type, choices }] of parameters.entries())
    if (type === 'choice' && choices.length === 0)
      throw bad(`/parameters/${index}/choices`, 'There is nothing to choose.');
  const unanswered = parameters.find((parameter) => parameter.default === null);
  if (automatic.enabled && unanswered)
    throw bad('/automatic/enabled', `Nobody is there to choose "${unanswered.title}": give it a default.`);
  if (automatic.enabled && !isRunnable(actions)) throw bad('/automatic/enabled', 'Nothing of it runs by itself.');
}

/** What runs by itself runs on any house. Throws 'not-allowed'. */
function requireMayRun(person: Person, { automatic }: Pick<Fix, 'automatic'>): void {
  if (automatic.enabled && !mayEverywhere(person, 'fix.run'))
    throw new LovelyError(
      'not-allowed',
      'A fix that runs by itself runs on all houses: it takes the permission to run fixes on all of them.',
    );
}

function bad(pointer: string, detail: string): LovelyError {
  return new LovelyError('bad-input', detail, { pointer });
}
