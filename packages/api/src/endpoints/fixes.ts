/** Fixes: what to do about a problem, in plain words and, where that can be, as something that runs on the house itself. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import {
  DESCRIPTION_LENGTH_MAX,
  FIX_ACTIONS_MAX,
  FIX_CHECK_MS_MAX,
  FIX_CHECK_MS_MIN,
  FIX_GROUPS_MAX,
  FIX_PARAMETERS_MAX,
  FIX_RUNS_PER_DAY_MAX,
  FIX_RUNS_PER_HOUR_MAX,
  FIX_SCRIPT_LENGTH_MAX,
  FIX_STEPS_MAX,
  FIX_TIMEOUT_MS_MAX,
  NAME_LENGTH_MAX,
  RULE_KEY_LENGTH_MAX,
} from '../limits.ts';
import { id, severity, time } from '../nouns.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

const text = (lengthMax: number) =>
  z
    .string()
    .max(lengthMax)
    .regex(/^[^\0]*$/, 'no U+0000');
const line = (lengthMax: number) => text(lengthMax).trim().min(1);

/** Values of parameters are at most this long, so that a command fits into one message to a house. */
const VALUE_LENGTH_MAX = 512;
const parameterName = z
  .string()
  .max(32)
  .regex(/^[a-z][a-zA-Z0-9]*$/, 'a small letter, then letters and digits');
export const fixValue = z.union([z.number(), text(VALUE_LENGTH_MAX), z.boolean()]);
export type FixValue = z.infer<typeof fixValue>;
const values = z.record(parameterName, fixValue).refine((all) => Object.keys(all).length <= FIX_PARAMETERS_MAX, {
  message: `at most ${FIX_PARAMETERS_MAX} of them`,
});

/** What whoever runs the fix may choose. Scripts find it in their environment: `freeMb` as PARAMETER_FREE_MB. */
export const fixParameter = z.object({
  name: parameterName,
  title: line(NAME_LENGTH_MAX),
  type: z.enum(['text', 'number', 'boolean', 'choice']),
  /** For `choice`: what there is to choose from. */
  choices: z.array(line(NAME_LENGTH_MAX)).max(20).default([]),
  /** Taken where nobody chooses; a text may be a template, as in a command. Null: somebody must choose. */
  default: fixValue.nullable().default(null),
});
export type FixParameter = z.infer<typeof fixParameter>;

const timeoutMs = z.number().int().min(1000).max(FIX_TIMEOUT_MS_MAX);

export const fixAction = z.discriminatedUnion('kind', [
  /**
   * A command that the gateway knows (docs/fixes.md lists them), or, for an alert of a sensor, that the sensor's program knows.
   * Texts are templates: {target}, {source}, {value} and other values of the alert, and the fix's own parameters.
   */
  z.object({
    kind: z.literal('command'),
    name: z
      .string()
      .max(64)
      .regex(/^[a-z0-9][a-z0-9-]*$/, 'small letters, digits and hyphens'),
    parameters: values.default({}),
    /** The sensor of the alert carries it out, not the gateway. */
    onSensor: z.boolean().default(false),
    timeoutMs: timeoutMs.default(60_000),
  }),
  /** Runs on the gateway as the user of its client, with the fix's parameters in its environment. */
  z.object({
    kind: z.literal('script'),
    interpreter: z.literal('sh').default('sh'),
    content: text(FIX_SCRIPT_LENGTH_MAX).min(1),
    timeoutMs: timeoutMs.default(60_000),
  }),
  /** Changes desired values of the house's configuration; texts are templates. */
  z.object({
    kind: z.literal('configuration'),
    values: z.record(z.string().min(1).max(128), fixValue),
  }),
  /** Installs software on the house, the one of this artifact name that fits it. */
  z.object({ kind: z.literal('update'), artifact: line(NAME_LENGTH_MAX) }),
  /** Opens a terminal to the house: nothing that runs by itself. */
  z.object({ kind: z.literal('terminal') }),
]);
export type FixAction = z.infer<typeof fixAction>;

/** When the system runs the fix by itself, as soon as the alert opens on a house that is connected. */
export const fixAutomatic = z.object({
  enabled: z.boolean().default(false),
  perHouseAndDayMax: z.number().int().min(1).max(FIX_RUNS_PER_DAY_MAX).default(1),
  /** Of all houses together; more than that looks like something else is wrong. */
  perHourMax: z.number().int().min(1).max(FIX_RUNS_PER_HOUR_MAX).default(20),
  /** The share of runs that helped must be at least this, once it ran five times. */
  minSuccess: z.number().min(0).max(1).default(0.7),
  /** Only alerts of these severities, and houses of these groups; empty: all. */
  severities: z.array(severity).max(2).default([]),
  groupIds: z.array(id).max(FIX_GROUPS_MAX).default([]),
});
export type FixAutomatic = z.infer<typeof fixAutomatic>;

const counts = {
  /** Runs that came to an end on a house: helped, did not help, or failed. */
  tried: z.number().int(),
  helped: z.number().int(),
};
export const fixStats = z.object({
  ...counts,
  /** By the model of the gateway, or of the sensor for a sensor's alert; the most tried first. */
  byModel: z.array(z.object({ model: z.string(), ...counts })),
});
export type FixStats = z.infer<typeof fixStats>;

export const fixRisk = z.enum(['low', 'medium', 'high']);

const members = {
  title: line(NAME_LENGTH_MAX),
  /** In plain words, for whoever does it by hand or wants to know what happens. */
  steps: z.array(line(DESCRIPTION_LENGTH_MAX)).max(FIX_STEPS_MAX).default([]),
  risk: fixRisk.default('low'),
  /** About how long it takes; null: nobody knows. */
  takesMs: z.number().int().min(0).nullable().default(null),
  parameters: z.array(fixParameter).max(FIX_PARAMETERS_MAX).default([]),
  /** Run one after the other, until one fails. */
  actions: z.array(fixAction).max(FIX_ACTIONS_MAX).default([]),
  /** How long the alert has to close by itself after the last action, for the fix to have helped. */
  checkMs: z.number().int().min(FIX_CHECK_MS_MIN).max(FIX_CHECK_MS_MAX).default(120_000),
  automatic: fixAutomatic.prefault({}),
};

export const fix = z.object({
  id,
  /** The key of the rule whose alerts it is for. */
  rule: z.string(),
  ...members,
  /** SHA-256 of each action that is a script, in hex; null for the others. */
  hashes: z.array(z.string().nullable()),
  /** Whether it can be run from here: some action is more than a terminal. */
  isRunnable: z.boolean(),
  stats: fixStats,
  origin: z.enum(['built-in', 'own']),
  /** Whether a built-in fix is other than it came. */
  edited: z.boolean(),
  version: z.number().int(),
  updatedAt: time,
});
export type Fix = z.infer<typeof fix>;

export const listFixes = endpoint({
  method: 'GET',
  path: '/api/v1/fixes',
  summary: 'Fixes, those that helped most often first',
  access: 'fleet.read',
  params: none,
  query: z.object({
    rule: z.string().max(RULE_KEY_LENGTH_MAX).optional(),
    /** Fixes of this alert's rule, ordered by how often they helped on its model. */
    alertId: id.optional(),
  }),
  body: nothing,
  result: z.object({ items: z.array(fix) }),
  status: 200,
});

export const getFix = endpoint({
  method: 'GET',
  path: '/api/v1/fixes/{id}',
  summary: 'One fix',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: fix,
  status: 200,
});

export const createFix = endpoint({
  method: 'POST',
  path: '/api/v1/fixes',
  summary: 'Make a fix for the alerts of a rule',
  access: 'fix.write',
  action: 'fix.create',
  params: none,
  query: none,
  body: z.object({ rule: z.string().min(1).max(RULE_KEY_LENGTH_MAX), ...members }),
  result: fix,
  status: 201,
});

export const updateFix = endpoint({
  method: 'PATCH',
  path: '/api/v1/fixes/{id}',
  summary: 'Change a fix; runs under way go on with what they began with',
  access: 'fix.write',
  action: 'fix.update',
  params: byId,
  query: none,
  body: z.object({
    title: members.title.optional(),
    steps: members.steps.unwrap().optional(),
    risk: fixRisk.optional(),
    takesMs: members.takesMs.unwrap().optional(),
    parameters: members.parameters.unwrap().optional(),
    actions: members.actions.unwrap().optional(),
    checkMs: members.checkMs.unwrap().optional(),
    automatic: fixAutomatic.optional(),
  }),
  result: fix,
  status: 200,
});

export const resetFix = endpoint({
  method: 'POST',
  path: '/api/v1/fixes/{id}/reset',
  summary: 'Make a built-in fix as it came',
  access: 'fix.write',
  action: 'fix.reset',
  params: byId,
  query: none,
  body: nothing,
  result: fix,
  status: 200,
});

export const deleteFix = endpoint({
  method: 'DELETE',
  path: '/api/v1/fixes/{id}',
  summary: 'Delete a fix of your own; what it did stays in the list of runs',
  access: 'fix.write',
  action: 'fix.delete',
  params: byId,
  query: none,
  body: nothing,
  result: nothing,
  status: 204,
});
