/** Fix rollouts: one fix on all houses with a problem like it. A trial first, then phases; it stops when it does not help. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, FIX_ROLLOUT_PARALLEL_MAX, NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { device, id, time } from '../nouns.ts';
import { fixValue } from './fixes.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/** The open alerts of the fix's rule on houses that the caller may run fixes on, and of these: */
export const fixRolloutTarget = z.object({
  /** Of the gateway, or of the sensor for alerts of sensors; null: any. */
  model: z.string().max(NAME_LENGTH_MAX).nullable().default(null),
  groupId: id.nullable().default(null),
  incidentId: id.nullable().default(null),
});
export type FixRolloutTarget = z.infer<typeof fixRolloutTarget>;

/**
 *  trial: on one house. running: phase after phase. paused: by a person, nothing new is started.
 *  stopped: by itself, because it did not help. aborted: by a person. done: every house had its turn.
 */
export const fixRolloutState = z.enum(['trial', 'running', 'paused', 'stopped', 'aborted', 'done']);
export type FixRolloutState = z.infer<typeof fixRolloutState>;

const phase = z.object({
  /** The share of houses that have had their turn when it is over; 0 for the trial, which is one house. */
  share: z.number(),
  houses: z.number().int(),
});

export const fixRollout = z.object({
  id,
  fixId: id.nullable(),
  fixTitle: z.string(),
  rule: z.string(),
  target: fixRolloutTarget,
  parameters: z.record(z.string(), fixValue),
  state: fixRolloutState,
  /** Why it stopped, or what it waits for, in words. */
  reason: z.string(),
  /** The phase it is in, of `phases`; the first is the trial. */
  phase: z.number().int(),
  phases: z.array(phase),
  parallelMax: z.number().int(),
  /** It stops when less than this share of the runs helped. */
  minSuccess: z.number(),
  /** Houses by what came of it; `pending` have not had their turn, `skipped` had no open alert any more when it came. */
  counts: z.object({
    houses: z.number().int(),
    pending: z.number().int(),
    skipped: z.number().int(),
    waiting: z.number().int(),
    running: z.number().int(),
    checking: z.number().int(),
    helped: z.number().int(),
    notHelped: z.number().int(),
    failed: z.number().int(),
    refused: z.number().int(),
    cancelled: z.number().int(),
  }),
  startedBy: z.object({ type: z.enum(['user', 'system']), name: z.string() }),
  createdAt: time,
  endedAt: time.nullable(),
  version: z.number().int(),
});
export type FixRollout = z.infer<typeof fixRollout>;

const wish = { fixId: id, target: fixRolloutTarget.prefault({}) };

export const previewFixRollout = endpoint({
  method: 'POST',
  path: '/api/v1/fix-rollouts/preview',
  summary: 'How many houses a rollout would be on, in which phases, and some of them',
  access: 'fix.run',
  action: null,
  params: none,
  query: none,
  body: z.object(wish),
  result: z.object({
    houses: z.number().int(),
    connected: z.number().int(),
    phases: z.array(phase),
    sample: z.array(device),
  }),
  status: 200,
});

export const createFixRollout = endpoint({
  method: 'POST',
  path: '/api/v1/fix-rollouts',
  summary: 'Run a fix on all houses with a problem like it: one as a trial, then phase after phase',
  access: 'fix.run',
  action: 'fix-rollout.create',
  params: none,
  query: none,
  body: z.object({
    ...wish,
    parameters: z.record(z.string().max(64), fixValue).default({}),
    /** Houses that run it at the same time. */
    parallelMax: z.number().int().min(1).max(FIX_ROLLOUT_PARALLEL_MAX).default(50),
    minSuccess: z.number().min(0).max(1).default(0.6),
  }),
  result: fixRollout,
  status: 201,
});

export const listFixRollouts = endpoint({
  method: 'GET',
  path: '/api/v1/fix-rollouts',
  summary: 'Fix rollouts, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    rule: z.string().max(128).optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(fixRollout), next: z.string().nullable() }),
  status: 200,
});

export const getFixRollout = endpoint({
  method: 'GET',
  path: '/api/v1/fix-rollouts/{id}',
  summary: 'One fix rollout; its runs are listed by GET /api/v1/fix-runs?rolloutId=',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: fixRollout,
  status: 200,
});

export const pauseFixRollout = endpoint({
  method: 'POST',
  path: '/api/v1/fix-rollouts/{id}/pause',
  summary: 'Start nothing new; what runs goes on to its end',
  access: 'fix.run',
  action: 'fix-rollout.pause',
  params: byId,
  query: none,
  body: nothing,
  result: fixRollout,
  status: 200,
});

export const continueFixRollout = endpoint({
  method: 'POST',
  path: '/api/v1/fix-rollouts/{id}/continue',
  summary: 'Go on with a rollout that is paused, or that stopped by itself',
  access: 'fix.run',
  action: 'fix-rollout.continue',
  params: byId,
  query: none,
  body: nothing,
  result: fixRollout,
  status: 200,
});

export const abortFixRollout = endpoint({
  method: 'POST',
  path: '/api/v1/fix-rollouts/{id}/abort',
  summary: 'End a rollout for good; runs that wait are called off, those under way go on to their end',
  access: 'fix.run',
  action: 'fix-rollout.abort',
  params: byId,
  query: none,
  body: nothing,
  result: fixRollout,
  status: 200,
});
