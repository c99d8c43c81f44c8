/** Fix runs: one fix on one house, from the click to whether it helped. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, FIX_OUTPUT_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { fixValue } from './fixes.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/**
 *  waiting: for the house to be connected, or for another fix on it to end.
 *  running: its actions run on the house.
 *  checking: they ran; will the alert close by itself?
 *  helped: it did. not-helped: it did not, in the time that it had.
 *  failed: an action ended with an error, or nobody knows how it ended. refused: the gateway does not allow it.
 *  cancelled: somebody, or the end of the alert before it began, called it off.
 */
export const fixRunState = z.enum([
  'waiting',
  'running',
  'checking',
  'helped',
  'not-helped',
  'failed',
  'refused',
  'cancelled',
]);
export type FixRunState = z.infer<typeof fixRunState>;

export const fixRun = z.object({
  id,
  /** Null when the fix was deleted since. */
  fixId: id.nullable(),
  fixTitle: z.string(),
  rule: z.string(),
  alertId: id,
  deviceId: id,
  deviceName: z.string(),
  source: z.string(),
  rolloutId: id.nullable(),
  state: fixRunState,
  /** What happened or what it waits for, in words. */
  reason: z.string(),
  /** For programs: the refusal of the gateway, or why it failed; null where `state` says it all. */
  code: z.string().nullable(),
  parameters: z.record(z.string(), fixValue),
  /** Actions that run by themselves, and how many have ended well. */
  steps: z.number().int(),
  stepsDone: z.number().int(),
  /** Exit status of the last action; null before there is one. */
  exit: z.number().int().nullable(),
  /** How much of what the actions printed is kept; what is more is cut off with a notice. */
  outputBytes: z.number().int(),
  /** Who started it; `system` where the fix is automatic. */
  startedBy: z.object({ type: z.enum(['user', 'system']), name: z.string() }),
  createdAt: time,
  /** When its first action began on the house. */
  startedAt: time.nullable(),
  /** `checking`: until when the alert has time to close. */
  checkUntil: time.nullable(),
  /** `waiting`: when it is given up. */
  expiresAt: time,
  endedAt: time.nullable(),
});
export type FixRun = z.infer<typeof fixRun>;

export const fixRunDetail = fixRun.extend({
  /** What was printed, from `outputFrom` on. */
  output: z.string(),
});
export type FixRunDetail = z.infer<typeof fixRunDetail>;

export const runFix = endpoint({
  method: 'POST',
  path: '/api/v1/alerts/{id}/fix-runs',
  summary: 'Run a fix on the house of an alert; one that is away runs it when it is back',
  access: 'fix.run',
  action: 'fix.run',
  params: byId,
  query: none,
  body: z.object({ fixId: id, parameters: z.record(z.string().max(64), fixValue).default({}) }),
  result: fixRun,
  status: 201,
});

export const listFixRuns = endpoint({
  method: 'GET',
  path: '/api/v1/fix-runs',
  summary: 'Fix runs, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    alertId: id.optional(),
    deviceId: id.optional(),
    rolloutId: id.optional(),
    fixId: id.optional(),
    state: fixRunState.optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(fixRun), next: z.string().nullable() }),
  status: 200,
});

export const getFixRun = endpoint({
  method: 'GET',
  path: '/api/v1/fix-runs/{id}',
  summary: 'One fix run with what it printed',
  access: 'fleet.read',
  params: byId,
  query: z.object({
    /** Leaves out so many characters at the beginning: whoever follows it has them already. */
    outputFrom: z.coerce.number().int().min(0).max(FIX_OUTPUT_LENGTH_MAX).default(0),
  }),
  body: nothing,
  result: fixRunDetail,
  status: 200,
});

export const cancelFixRun = endpoint({
  method: 'POST',
  path: '/api/v1/fix-runs/{id}/cancel',
  summary: 'Call a run off; what has been done on the house stays done',
  access: 'fix.run',
  action: 'fix.cancel',
  params: byId,
  query: none,
  body: nothing,
  result: fixRun,
  status: 200,
});
