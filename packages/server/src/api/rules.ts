/** Rules: what raises an alert. */
import {
  backtestRule,
  createRule,
  deleteRule,
  getRule,
  listRules,
  listRuleVersions,
  previewRule,
  resetRule,
  ruleDraft,
  updateRule,
} from '@lovely/api';
import { compilePattern, ruleBytes, RULES_PART_BYTES_MAX } from '@lovely/protocol';
import { rulesChanged } from '../bus/subjects.ts';
import { publishTo } from '../bus/topic.ts';
import { defaultRule } from '../domain/default-rules.ts';
import { deviceRule, type Rule, isServerOwn } from '../domain/rule.ts';
import { LovelyError } from '../errors.ts';
import { BACKTESTS_MAX } from '../limits.ts';
import { checkTarget, isEveryHouse, previewTarget } from '../store/rule-targets.ts';
import * as rules from '../store/rules.ts';
import type { ApiContext, Person } from './context.ts';
import { backtest } from './rule-backtest.ts';
import { readInput, route, type Http } from './route.ts';

export function routeRules(http: Http, context: ApiContext): void {
  const { bus } = context;
  let backtests = 0;

  const tell = (tenantId: string) => () => publishTo(bus, rulesChanged, { tenant: tenantId });

  route(http, context, listRules, async ({ person, database }) => ({
    items: await rules.listRules(database, person.tenantId, person.scope('fleet.read')),
  }));

  route(http, context, getRule, ({ person, database, params }) =>
    rules.getRule(database, person.tenantId, person.scope('fleet.read'), params.key),
  );

  route(http, context, createRule, async ({ person, database, body, audit, afterCommit }) => {
    const { tenantId } = person;
    requireTellable(body);
    if (isServerOwn(body.watch))
      throw new LovelyError('bad-input', 'This kind is built in.', { pointer: '/watch/kind' });
    await checkTarget(database, tenantId, body.target);
    await rules.insertRule(database, tenantId, body, person.user.email);
    audit({ object: objectOf(body), after: written(body) });
    afterCommit(tell(tenantId));
    return await rules.getRule(database, tenantId, visibleTo(person), body.key);
  });

  route(http, context, updateRule, async ({ person, database, params, body, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = written(await rules.lockRule(database, tenantId, params.key, ifVersion));
    const after = { ...readInput(ruleDraft, { ...before, ...body }, ''), key: before.key };
    requireTellable(after);
    if ((isServerOwn(before.watch) || isServerOwn(after.watch)) && after.watch.kind !== before.watch.kind)
      throw new LovelyError('bad-input', 'This kind is built in.', { pointer: '/watch/kind' });
    if (isServerOwn(after.watch) && !isEveryHouse(after.target))
      throw new LovelyError('bad-input', 'This rule is for every house.', { pointer: '/target' });
    await checkTarget(database, tenantId, after.target);
    await rules.updateRule(database, tenantId, after, person.user.email, false);
    audit({ object: objectOf(after), before, after: written(after) });
    afterCommit(tell(tenantId));
    return await rules.getRule(database, tenantId, visibleTo(person), params.key);
  });

  route(http, context, resetRule, async ({ person, database, params, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await rules.lockRule(database, tenantId, params.key, ifVersion);
    const after = before.origin === 'built-in' ? defaultRule(before.key) : undefined;
    if (!after) throw new LovelyError('bad-request', 'Only a rule that is built in can be reset.');
    await rules.updateRule(database, tenantId, after, person.user.email, true);
    audit({ object: objectOf(after), before: written(before), after: written(after) });
    afterCommit(tell(tenantId));
    return await rules.getRule(database, tenantId, visibleTo(person), params.key);
  });

  route(http, context, deleteRule, async ({ person, database, params, ifVersion, audit, afterCommit }) => {
    const { tenantId } = person;
    const before = await rules.lockRule(database, tenantId, params.key, ifVersion);
    if (before.origin === 'built-in') throw new LovelyError('rule-built-in');
    await rules.deleteRule(database, tenantId, params.key);
    audit({ object: objectOf(before), before: written(before) });
    afterCommit(tell(tenantId));
    return undefined;
  });

  route(http, context, listRuleVersions, async ({ person, database, params }) => ({
    items: await rules.listRuleVersions(database, person.tenantId, params.key),
  }));

  route(http, context, previewRule, ({ person, database, body }) =>
    previewTarget(database, person.tenantId, person.scope('fleet.read'), body),
  );

  route(http, context, backtestRule, async ({ person, database, body }) => {
    // Each reads a lot: those who come when too many are under way come again.
    if (backtests >= BACKTESTS_MAX)
      throw new LovelyError('too-many-requests', 'Other rules are being tried at the moment.', {
        retryAfterSeconds: 5,
      });
    backtests++;
    try {
      const { rule, from, to } = body;
      requireTellable({ ...rule, key: 'draft' });
      return await backtest(database, person.tenantId, person.scope('fleet.read'), rule, new Date(from), new Date(to));
    } finally {
      backtests--;
    }
  });
}

/** Throws 'bad-input' for a rule that no device could be told. */
function requireTellable(rule: Rule): void {
  const told = deviceRule({ ...rule, enabled: true, version: 1 });
  if (told && ruleBytes(told) > RULES_PART_BYTES_MAX)
    throw new LovelyError('bad-input', 'The rule is too large to be told to a gateway: shorten its lists and texts.');
  if (rule.watch.kind !== 'log') return;
  const pattern = compilePattern(rule.watch.pattern);
  if ('wrong' in pattern)
    throw new LovelyError('bad-input', `Not a pattern: ${pattern.wrong}.`, { pointer: '/watch/pattern' });
}

/** The houses that somebody sees who changes rules; none for a role that does nothing else. */
function visibleTo(person: Person): ReturnType<Person['scope']> {
  return person.may('fleet.read') ? person.scope('fleet.read') : { kind: 'some', groups: [] };
}

/** What people write of a rule. */
function written({ key, title, severity, description, cause, suggestion, watch, of, target, ...rest }: Rule) {
  const { evaluatedBy, enabled } = rest;
  return { key, title, severity, description, cause, suggestion, watch, of, target, evaluatedBy, enabled };
}

function objectOf({ key, title }: Rule): { type: string; id: string; name: string } {
  return { type: 'rule', id: key, name: title };
}
