/** Deployments: a release of software, or a configuration, for many houses; phase after phase, as long as they stay well. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { deploymentTarget, updatePause, deploymentOptions } from './deployment-options.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });

/** As Mender names them. */
export const deploymentDeviceState = z.enum([
  'pending',
  'downloading',
  'pause_before_installing',
  'installing',
  'pause_before_rebooting',
  'rebooting',
  'pause_before_committing',
  'success',
  'failure',
  'already-installed',
  'noartifact',
  'aborted',
  'decommissioned',
]);
export type DeploymentDeviceState = z.infer<typeof deploymentDeviceState>;

const whole = z.number().int();

export const deploymentCounts = z.object({
  /** All of them. */
  houses: whole,
  pending: whole,
  downloading: whole,
  pause_before_installing: whole,
  installing: whole,
  pause_before_rebooting: whole,
  rebooting: whole,
  pause_before_committing: whole,
  success: whole,
  failure: whole,
  'already-installed': whole,
  noartifact: whole,
  aborted: whole,
  decommissioned: whole,
});
export type DeploymentCounts = z.infer<typeof deploymentCounts>;

/** What a gate sees; shares and rates as in `gates`. */
export const gateFigure = z.object({
  gate: z.enum(['failures', 'alerts', 'reconnects']),
  /** Null: it is not looked at. */
  max: z.number().nullable(),
  /** Of the houses that it is on, and of all others in the same time (0 for failures). */
  value: z.number(),
  rest: z.number(),
  /** Houses that `value` is of. */
  sample: whole,
  state: z.enum(['ok', 'too-few', 'exceeded', 'off']),
});
export type GateFigure = z.infer<typeof gateFigure>;

export const deploymentPhase = z.object({
  /** Houses that have begun when it is over, counted from the beginning of the deployment. */
  end: whole,
  pauseMs: whole,
  waitsForPerson: z.boolean(),
  state: z.enum(['waiting', 'running', 'over']),
  /** Houses that began in this phase, and of these: */
  begun: whole,
  active: whole,
  succeeded: whole,
  failed: whole,
  startedAt: time.nullable(),
  /** When its houses were through. */
  overAt: time.nullable(),
});
export type DeploymentPhase = z.infer<typeof deploymentPhase>;

/** scheduled: begins at `startAt`. paused: no house begins. finished: every house is through. aborted: ended by a person. */
export const deploymentState = z.enum(['scheduled', 'running', 'paused', 'finished', 'aborted']);
export type DeploymentState = z.infer<typeof deploymentState>;

export const deployment = z.object({
  id,
  name: z.string(),
  artifactName: z.string(),
  kind: z.enum(['software', 'configuration']),
  /** Of many chosen devices only the first few ids are told. */
  target: deploymentTarget,
  options: deploymentOptions,
  state: deploymentState,
  /** Why it paused or ended, or what it waits for, in words. */
  reason: z.string(),
  /** Who paused it; null while it isn't. `continue` passes the gate. */
  pausedBy: z.enum(['person', 'gate']).nullable(),
  /** What the next phase waits for; null while a phase is under way. `continue` does not wait for a person any more. */
  waitsFor: z.enum(['start', 'pause', 'person']).nullable(),
  waitsUntil: time.nullable(),
  /** Whether all houses of the target are in `counts`; for large ones that takes some seconds. */
  isCollected: z.boolean(),
  /** The phase that it is in, of `phases`. */
  phase: whole,
  phases: z.array(deploymentPhase),
  /** Houses that the caller may see, by state. */
  counts: deploymentCounts,
  /** What its artifacts have to download altogether, as far as houses have begun, and how much of it is there. */
  bytes: z.object({ wanted: z.number(), downloaded: z.number() }),
  /** The deployment whose failed houses this one repeats. */
  retryOf: id.nullable(),
  createdBy: z.object({ type: z.enum(['user', 'system']), name: z.string() }),
  createdAt: time,
  startedAt: time.nullable(),
  finishedAt: time.nullable(),
  version: whole,
});
export type Deployment = z.infer<typeof deployment>;

export const deploymentDetail = deployment.extend({
  gates: z.array(gateFigure),
  /** The newest of what happened to it as a whole, newest first. */
  events: z.array(
    z.object({
      at: time,
      kind: z.enum(['created', 'started', 'phase', 'paused', 'continued', 'aborted', 'finished', 'changed']),
      /** Who did it; null: it came by itself. */
      by: z.string().nullable(),
      text: z.string(),
    }),
  ),
  /** Deployments that repeat this one for the houses that failed. */
  retriedBy: z.array(id),
  /** Whether the caller may steer the whole of it: all of its houses must be theirs. */
  maySteer: z.boolean(),
});
export type DeploymentDetail = z.infer<typeof deploymentDetail>;

const wish = {
  artifactName: z.string().trim().min(1).max(NAME_LENGTH_MAX),
  target: deploymentTarget,
  options: deploymentOptions.prefault({}),
};

const classCount = z.object({
  houses: whole,
  /** Some of them. */
  sample: z.array(z.object({ id, name: z.string() })),
});

export const previewDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/preview',
  summary: 'A dry run: who would get the software, who has it, who is away, how many bytes',
  access: 'deployment.write',
  action: null,
  params: none,
  query: none,
  body: z.object(wish),
  result: z.object({
    /** All accepted houses of the target: each is in one of the next four. */
    houses: whole,
    compatible: classCount,
    alreadyInstalled: classCount,
    /** No artifact of this name is for them, or goes on top of what they have. */
    noArtifact: classCount,
    /** What runs on them is not known, so it shows when they are next heard of. */
    unknown: classCount,
    /** Of the compatible ones: */
    offline: classCount,
    /** Of the compatible ones: they are in another deployment first. */
    busy: classCount,
    /** To be downloaded, by all compatible houses together. */
    bytes: z.number(),
    artifacts: z.array(z.object({ id, deviceTypes: z.array(z.string()), bytes: z.number(), houses: whole })),
    phases: z.array(z.object({ end: whole, pauseMs: whole, waitsForPerson: z.boolean() })),
    /** When the window opens next for the first house; null: it is open, or there is none. */
    windowOpensAt: time.nullable(),
  }),
  status: 200,
});

export const createDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments',
  summary: 'Roll a release of software out',
  access: 'deployment.write',
  action: 'deployment.create',
  params: none,
  query: none,
  body: z.object({ name: z.string().trim().min(1).max(NAME_LENGTH_MAX), ...wish }),
  result: deployment,
  status: 201,
});

export const listDeployments = endpoint({
  method: 'GET',
  path: '/api/v1/deployments',
  summary: 'Deployments, newest first, a page at a time',
  access: 'fleet.read',
  params: none,
  query: z.object({
    state: deploymentState.optional(),
    /** `active`: scheduled, running or paused. `over`: finished or aborted. */
    when: z.enum(['active', 'over']).optional(),
    kind: z.enum(['software', 'configuration']).optional(),
    /** Part of the name or of the artifact's name. */
    search: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    artifactName: z.string().max(NAME_LENGTH_MAX).optional(),
    /** Those that this house is in. */
    deviceId: id.optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(deployment), next: z.string().nullable() }),
  status: 200,
});

export const countDeployments = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/counts',
  summary: 'How many deployments there are in each state',
  access: 'fleet.read',
  params: none,
  query: none,
  body: nothing,
  result: z.object({ scheduled: whole, running: whole, paused: whole, finished: whole, aborted: whole }),
  status: 200,
});

export const getDeployment = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/{id}',
  summary: 'One deployment with what its gates see and what happened to it',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: deploymentDetail,
  status: 200,
});

export const updateDeployment = endpoint({
  method: 'PATCH',
  path: '/api/v1/deployments/{id}',
  summary: 'Change the name, the priority or a cap of a deployment that is not over',
  access: 'deployment.write',
  action: 'deployment.update',
  params: byId,
  query: none,
  body: z.object({
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    priority: deploymentOptions.shape.priority.unwrap().optional(),
    parallelMax: deploymentOptions.shape.parallelMax.unwrap().optional(),
    bytesPerSecond: deploymentOptions.shape.bytesPerSecond.unwrap().optional(),
  }),
  result: deployment,
  status: 200,
});

export const pauseDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/pause',
  summary: 'No house begins any more; those that download wait before they install',
  access: 'deployment.write',
  action: 'deployment.pause',
  params: byId,
  query: none,
  body: nothing,
  result: deployment,
  status: 200,
});

export const continueDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/continue',
  summary: 'Go on with a deployment that is paused or waits between phases, or let its houses past a step',
  access: 'deployment.write',
  action: 'deployment.continue',
  params: byId,
  query: none,
  body: z.object({
    /** Houses that wait before this step go on, and none waits there any more; without it, the deployment goes on. */
    past: updatePause.optional(),
  }),
  result: deployment,
  status: 200,
});

export const abortDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/abort',
  summary: 'End a deployment; houses in the middle of it go back to what they had',
  access: 'deployment.write',
  action: 'deployment.abort',
  params: byId,
  query: none,
  body: nothing,
  result: deployment,
  status: 200,
});

export const retryDeployment = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/retry',
  summary: 'A new deployment for the houses that this one failed on',
  access: 'deployment.write',
  action: 'deployment.create',
  params: byId,
  query: none,
  body: z.object({
    name: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    /** Only those that failed for this cause; the `key` of a group of failures. */
    failure: z.string().max(64).optional(),
  }),
  result: deployment,
  status: 201,
});
