/** Rules: what raises an alert, on which houses, and what to say about it. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  BACKTEST_DAYS_MAX,
  DESCRIPTION_LENGTH_MAX,
  NAME_LENGTH_MAX,
  RULE_KEY_LENGTH_MAX,
  RULE_KINDS_MAX,
  RULE_STEPS_MAX,
  RULE_TARGETS_MAX,
} from '../limits.ts';
import { device, id, severity, time } from '../nouns.ts';
import { checkRule } from '../rule-check.ts';
import { watch } from '../watch.ts';

const none = z.object({});
const nothing = z.undefined();

/** Names the rule within its organisation, for ever: alerts keep it. */
export const ruleKey = z
  .string()
  .max(RULE_KEY_LENGTH_MAX)
  .regex(/^[a-z0-9][a-z0-9-]*$/, 'lower-case letters, digits and hyphens');
const byKey = z.object({ key: ruleKey });

const text = (lengthMax: number) =>
  z
    .string()
    .trim()
    .max(lengthMax)
    .regex(/^[^\0]*$/);
const kinds = z.array(text(64).min(1)).max(RULE_KINDS_MAX);

/** What a rule looks at: the gateway itself, or each sensor of these kinds and models; an empty list is every one. */
export const ruleOf = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('gateway') }),
  z.object({ kind: z.literal('sensors'), kinds, models: kinds }),
]);
export type RuleOf = z.infer<typeof ruleOf>;

/** The houses it is for: those with a gateway of these types, those in these groups, and these; all empty is every house. */
export const ruleTarget = z.object({
  deviceTypes: z.array(text(NAME_LENGTH_MAX).min(1)).max(RULE_TARGETS_MAX),
  groupIds: z.array(id).max(RULE_TARGETS_MAX),
  deviceIds: z.array(id).max(RULE_TARGETS_MAX),
});
export type RuleTarget = z.infer<typeof ruleTarget>;

const members = {
  title: text(NAME_LENGTH_MAX).min(1),
  severity,
  /** What is wrong on one house; {value}, {source}, {metric} and the like stand for what is at hand. */
  description: text(DESCRIPTION_LENGTH_MAX).min(1),
  cause: text(DESCRIPTION_LENGTH_MAX),
  /** Steps in plain words. */
  suggestion: z.array(text(DESCRIPTION_LENGTH_MAX).min(1)).max(RULE_STEPS_MAX),
  watch,
  of: ruleOf,
  target: ruleTarget,
  /** The device finds out by itself, also without a network; the server does it for those that can't. */
  evaluatedBy: z.enum(['device', 'server']),
  enabled: z.boolean(),
};

/** A rule as people write it. */
const draft = z.object({
  ...members,
  cause: members.cause.default(''),
  suggestion: members.suggestion.default([]),
  of: members.of.default({ kind: 'gateway' }),
  target: members.target.default({ deviceTypes: [], groupIds: [], deviceIds: [] }),
  evaluatedBy: members.evaluatedBy.default('device'),
  enabled: members.enabled.default(true),
});
export const ruleDraft = draft.superRefine(checkRule);
export type RuleDraft = z.infer<typeof ruleDraft>;

export const rule = z.object({
  key: ruleKey,
  ...members,
  version: z.number().int(),
  /** `built-in` comes with the system: it can be changed and reset, and not deleted. */
  origin: z.enum(['built-in', 'own']),
  /** Whether a built-in rule is other than it came. */
  edited: z.boolean(),
  /** Open alerts of it that the caller may see. */
  openAlerts: z.number().int(),
  updatedAt: time,
  /** Whoever made this version; null for the system. */
  updatedBy: z.string().nullable(),
});
export type Rule = z.infer<typeof rule>;

export const ruleVersion = z.object({
  version: z.number().int(),
  rule: z.object({ key: ruleKey, ...members }),
  createdAt: time,
  createdBy: z.string().nullable(),
});
export type RuleVersion = z.infer<typeof ruleVersion>;

export const listRules = endpoint({
  method: 'GET',
  path: '/api/v1/rules',
  summary: 'All rules by title',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(rule) }),
  status: 200,
});

export const getRule = endpoint({
  method: 'GET',
  path: '/api/v1/rules/{key}',
  summary: 'One rule',
  access: 'fleet.read',
  params: byKey,
  query: none,
  body: nothing,
  result: rule,
  status: 200,
});

export const createRule = endpoint({
  method: 'POST',
  path: '/api/v1/rules',
  summary: 'Make a rule; connected houses have it within seconds',
  access: 'rule.write',
  action: 'rule.create',
  params: none,
  query: none,
  body: draft.extend({ key: ruleKey }).superRefine(checkRule),
  result: rule,
  status: 201,
});

export const updateRule = endpoint({
  method: 'PATCH',
  path: '/api/v1/rules/{key}',
  summary: 'Change a rule; the versions before are kept',
  access: 'rule.write',
  action: 'rule.update',
  params: byKey,
  query: none,
  body: z.object(members).partial(),
  result: rule,
  status: 200,
});

export const deleteRule = endpoint({
  method: 'DELETE',
  path: '/api/v1/rules/{key}',
  summary: 'Delete a rule of your own; its open alerts close',
  access: 'rule.write',
  action: 'rule.delete',
  params: byKey,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});

export const resetRule = endpoint({
  method: 'POST',
  path: '/api/v1/rules/{key}/reset',
  summary: 'Make a built-in rule as it came',
  access: 'rule.write',
  action: 'rule.reset',
  params: byKey,
  query: none,
  body: nothing,
  result: rule,
  status: 200,
});

export const listRuleVersions = endpoint({
  method: 'GET',
  path: '/api/v1/rules/{key}/versions',
  summary: 'What a rule was, the newest version first',
  access: 'fleet.read',
  params: byKey,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(ruleVersion) }),
  status: 200,
});

/** A POST because a target may be too long for a query. */
export const previewRule = endpoint({
  method: 'POST',
  path: '/api/v1/rules/preview',
  summary: 'Which houses a rule would reach, of those the caller may see',
  access: 'fleet.read',
  action: null,
  params: none,
  query: none,
  body: z.object({ of: ruleOf, target: ruleTarget }),
  result: z.object({
    devices: z.number().int(),
    /** Sensors it would look at; null where it looks at the gateways. */
    sensors: z.number().int().nullable(),
    sample: z.array(device),
  }),
  status: 200,
});

export const backtestRule = endpoint({
  method: 'POST',
  path: '/api/v1/rules/backtest',
  summary: 'How often a rule would have raised an alert, from the history of the houses the caller may see',
  access: 'fleet.read',
  action: null,
  params: none,
  query: none,
  body: z.object({ rule: ruleDraft, from: time, to: time }).superRefine(({ from, to }, context) => {
    const days = (Date.parse(to) - Date.parse(from)) / 86_400_000;
    if (!(days > 0 && days <= BACKTEST_DAYS_MAX))
      context.addIssue({ code: 'custom', path: ['to'], message: `after from, by at most ${BACKTEST_DAYS_MAX} days` });
  }),
  result: z.object({
    /** Houses it would have looked at. */
    devices: z.number().int(),
    fires: z.number().int(),
    /** Houses on which it would have fired. */
    houses: z.number().int(),
    /** Fires over time, in steps of `stepMs` from `from` on; steps without one are left out. */
    stepMs: z.number().int(),
    over: z.array(z.object({ at: time, fires: z.number().int() })),
    /** The houses with the most fires. */
    worst: z.array(
      z.object({ deviceId: id, deviceName: z.string(), fires: z.number().int(), openMs: z.number().int() }),
    ),
    /** Some of the alerts, the newest first. */
    sample: z.array(
      z.object({
        deviceId: id,
        deviceName: z.string(),
        source: z.string(),
        description: z.string(),
        openedAt: time,
        closedAt: time.nullable(),
      }),
    ),
    /** False where there was more history than one request looks at: then the figures are of what was seen. */
    complete: z.boolean(),
    /** Until when the history was looked at. */
    until: time,
  }),
  status: 200,
});
