/** Houses of a deployment: how far each is, what happened on it and why it failed. */
import { z } from 'zod';
import { endpoint } from '../endpoint.ts';
import { CURSOR_LENGTH_MAX, NAME_LENGTH_MAX, PAGE_DEFAULT, PAGE_MAX } from '../limits.ts';
import { id, time } from '../nouns.ts';
import { updatePause } from './deployment-options.ts';
import { deployment, deploymentDeviceState } from './deployments.ts';

const none = z.object({});
const nothing = z.undefined();
const byId = z.object({ id });
const byDevice = z.object({ id, deviceId: id });
const whole = z.number().int();

/** Why an update failed on a house. */
export const updateCause = z.object({
  /** One of UPDATE_CAUSES of the protocol; `lost`: it began and was never heard of again; `unknown`: it did not say. */
  code: z.string(),
  /** The step that failed, as update modules and scripts name it: ArtifactInstall. */
  step: z.string(),
  message: z.string(),
});
export type UpdateCauseFound = z.infer<typeof updateCause>;

export const deploymentDevice = z.object({
  deploymentId: id,
  deviceId: id,
  deviceName: z.string(),
  connected: z.boolean(),
  state: deploymentDeviceState,
  /** The script or step that it is at, in the gateway's words. */
  substate: z.string(),
  /** What it waits for, in words; empty when it doesn't. */
  waits: z.string(),
  /** Of what it does now; null when that is not known. */
  percent: whole.nullable(),
  /** The phase that it began in; null: it has not. */
  phase: whole.nullable(),
  /** Rises with each try. */
  attempt: whole,
  artifactId: id.nullable(),
  /** Of the artifact, and how much of it is there. */
  bytes: z.number().nullable(),
  downloadedBytes: z.number().nullable(),
  cause: updateCause.nullable(),
  /** Whether a failed update brought the software of before back; null: not known, or it did not fail. */
  isRolledBack: z.boolean().nullable(),
  /** Where it will wait for `continue`. */
  pauseBefore: z.array(updatePause),
  hasLog: z.boolean(),
  beganAt: time.nullable(),
  /** When it was last heard of it. */
  heardAt: time.nullable(),
  finishedAt: time.nullable(),
});
export type DeploymentDevice = z.infer<typeof deploymentDevice>;

export const deploymentEvent = z.object({
  /** On the server's clock. */
  at: time,
  /** When the gateway says that it was; null for what the server did. */
  deviceAt: time.nullable(),
  attempt: whole,
  /**
   * offered: the gateway was told. state: it told its state. paused, continued, aborted: it was told to. retry: it gets
   * another try. lost: it was given up. late: it told something after it was over. ended: the server knew without asking.
   */
  kind: z.enum(['offered', 'state', 'paused', 'continued', 'aborted', 'retry', 'lost', 'late', 'ended']),
  /** Of `state`, `late` and `ended`. */
  state: z.string().nullable(),
  substate: z.string(),
  /** Who did it; null: it came by itself. */
  by: z.string().nullable(),
  text: z.string(),
  /** How long it lasted, until the next one; null for the last, and where that is not known. */
  durationMs: z.number().nullable(),
  /** How much had been downloaded. */
  bytes: z.number().nullable(),
  cause: updateCause.nullable(),
});
export type DeploymentEvent = z.infer<typeof deploymentEvent>;

/** A sensor of the house that the artifact is for. States are SENSOR_UPDATE_STATES of the protocol. */
export const deploymentSensor = z.object({
  id: z.string(),
  name: z.string(),
  state: z.string(),
  percent: whole.nullable(),
  message: z.string(),
  at: time,
});
export type DeploymentSensor = z.infer<typeof deploymentSensor>;

export const logLine = z.object({
  at: time,
  level: z.enum(['debug', 'info', 'warning', 'error']),
  message: z.string(),
});
export type LogLine = z.infer<typeof logLine>;

export const deploymentDeviceDetail = deploymentDevice.extend({
  /** Oldest first. */
  events: z.array(deploymentEvent),
  sensors: z.array(deploymentSensor),
  /** The lines of the log around the failure; empty when there is none. */
  logSlice: z.array(logLine),
});
export type DeploymentDeviceDetail = z.infer<typeof deploymentDeviceDetail>;

export const failureGroup = z.object({
  /** Names the group. */
  key: z.string(),
  code: z.string(),
  step: z.string(),
  /** With … for numbers, ids and paths of temporary files. */
  message: z.string(),
  houses: whole,
  /** How many of these brought the software of before back. */
  rolledBack: whole,
  /** What to do, in plain words. */
  suggestion: z.string(),
  /** One of the houses, with the lines of its log around the failure. */
  example: z.object({ deviceId: id, deviceName: z.string(), logSlice: z.array(logLine) }),
});
export type FailureGroup = z.infer<typeof failureGroup>;

export const listDeploymentDevices = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/{id}/devices',
  summary: 'Houses of a deployment, a page at a time',
  access: 'fleet.read',
  params: byId,
  query: z.object({
    state: deploymentDeviceState.optional(),
    /** `active`: has begun and is not through. `paused`: waits for `continue`. `final`: is through. */
    when: z.enum(['active', 'paused', 'final']).optional(),
    /** The `key` of a group of failures. */
    failure: z.string().max(64).optional(),
    phase: z.coerce.number().int().min(0).max(100).optional(),
    /** Part of the house's name. */
    search: z.string().trim().min(1).max(NAME_LENGTH_MAX).optional(),
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({ items: z.array(deploymentDevice), next: z.string().nullable() }),
  status: 200,
});

export const listDeploymentFailures = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/{id}/failures',
  summary: 'Why it failed, same failures together, the most frequent first',
  access: 'fleet.read',
  params: byId,
  query: none,
  body: nothing,
  result: z.object({ items: z.array(failureGroup) }),
  status: 200,
});

export const getDeploymentDevice = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/{id}/devices/{deviceId}',
  summary: 'One house of a deployment: its timeline, its sensors, why it failed',
  access: 'fleet.read',
  params: byDevice,
  query: none,
  body: nothing,
  result: deploymentDeviceDetail,
  status: 200,
});

export const getDeploymentLog = endpoint({
  method: 'GET',
  path: '/api/v1/deployments/{id}/devices/{deviceId}/log',
  summary: 'What the gateway wrote about a failed update, oldest line first',
  access: 'fleet.read',
  params: byDevice,
  query: none,
  body: nothing,
  result: z.object({
    lines: z.array(logLine.extend({ attempt: whole })),
    /** There was more than is kept. */
    isCut: z.boolean(),
  }),
  status: 200,
});

export const pauseDeploymentDevice = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/devices/{deviceId}/pause',
  summary: 'Have one house wait before a step',
  access: 'deployment.write',
  action: 'deployment.pause-device',
  params: byDevice,
  query: none,
  body: z.object({ before: z.array(updatePause).min(1).max(3) }),
  result: deploymentDevice,
  status: 200,
});

export const continueDeploymentDevice = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/devices/{deviceId}/continue',
  summary: 'Let one house past the step that it waits at',
  access: 'deployment.write',
  action: 'deployment.continue-device',
  params: byDevice,
  query: none,
  body: nothing,
  result: deploymentDevice,
  status: 200,
});

export const abortDeploymentDevice = endpoint({
  method: 'POST',
  path: '/api/v1/deployments/{id}/devices/{deviceId}/abort',
  summary: 'End it for one house, which goes back to what it had',
  access: 'deployment.write',
  action: 'deployment.abort-device',
  params: byDevice,
  query: none,
  body: nothing,
  result: deploymentDevice,
  status: 200,
});

export const listDeviceDeployments = endpoint({
  method: 'GET',
  path: '/api/v1/devices/{id}/deployments',
  summary: 'What was rolled out to a house, newest first, a page at a time',
  access: 'fleet.read',
  params: byId,
  query: z.object({
    cursor: z.string().max(CURSOR_LENGTH_MAX).optional(),
    limit: z.coerce.number().int().min(1).max(PAGE_MAX).default(PAGE_DEFAULT),
  }),
  body: nothing,
  result: z.object({
    items: z.array(
      z.object({
        deployment: deployment.pick({
          id: true,
          name: true,
          artifactName: true,
          kind: true,
          state: true,
          createdAt: true,
        }),
        device: deploymentDevice,
      }),
    ),
    next: z.string().nullable(),
  }),
  status: 200,
});
