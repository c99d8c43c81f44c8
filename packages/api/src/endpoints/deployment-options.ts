/** What a deployment is for, and how it goes: phases, gates, window, caps. */
import { z } from 'zod';
import { deviceFilter } from '../device-filter.ts';
import {
  BYTES_PER_SECOND_MIN,
  DEPLOYMENT_DEVICES_MAX,
  DEPLOYMENT_PARALLEL_MAX,
  DEPLOYMENT_PHASES_MAX,
  DEPLOYMENT_PRIORITY_MAX,
  DEPLOYMENT_PRIORITY_MIN,
  DEPLOYMENT_RETRIES_MAX,
  DEPLOYMENT_SENSORS_MAX,
  GATE_SAMPLE_MAX,
  PHASE_PAUSE_MS_MAX,
} from '../limits.ts';
import { id, time } from '../nouns.ts';
import { timeZone } from '../time-zone.ts';

/** Which houses it is for; of these, the accepted ones that the caller may roll software out to. */
export const deploymentTarget = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('devices'), ids: z.array(id).min(1).max(DEPLOYMENT_DEVICES_MAX) }),
  z.object({ kind: z.literal('group'), groupId: id }),
  z.object({ kind: z.literal('filter'), filter: deviceFilter }),
  z.object({ kind: z.literal('all') }),
]);
export type DeploymentTarget = z.infer<typeof deploymentTarget>;

/** How far a phase goes: so many houses, or percent of all, counted from the beginning of the deployment. */
export const deploymentPhaseWish = z.union([
  z.object({
    count: z.number().int().min(1).max(10_000_000),
    pauseMs: z.number().int().min(0).max(PHASE_PAUSE_MS_MAX).default(0),
    waitsForPerson: z.boolean().default(false),
  }),
  z.object({
    percent: z.number().min(0.001).max(100),
    pauseMs: z.number().int().min(0).max(PHASE_PAUSE_MS_MAX).default(0),
    waitsForPerson: z.boolean().default(false),
  }),
]);
export type DeploymentPhaseWish = z.infer<typeof deploymentPhaseWish>;

/**
 * When it pauses by itself. A share is of houses: 0.02 is two in a hundred. `null`: that is not looked at.
 * Alerts and reconnects are those of houses that it is on, beyond what the rest of the fleet has at the same time.
 */
export const deploymentGates = z.object({
  /** Houses that failed, or went away in the middle of it, of those that are through. */
  failureMax: z.number().min(0).max(1).nullable().default(0.05),
  /** Houses with an alert since, of those that it is on. */
  alertsMax: z.number().min(0).max(1).nullable().default(0.1),
  /** Reconnects since, for each house that it is on. */
  reconnectsMax: z.number().min(0).max(1000).nullable().default(1),
  /** It is not judged by fewer houses, but at the end of a phase. */
  minSample: z.number().int().min(1).max(GATE_SAMPLE_MAX).default(20),
});
export type DeploymentGates = z.infer<typeof deploymentGates>;

const timeOfDay = z.string().regex(/^([01]\d|2[0-3]):[0-5]\d$/, 'a time of day, as 02:30');

/** When an update may begin on a house. */
export const maintenanceWindow = z.object({
  from: timeOfDay,
  /** Before `from`: on the next day. */
  to: timeOfDay,
  /** On which it begins: 1 is Monday, 7 is Sunday. */
  days: z.array(z.number().int().min(1).max(7)).min(1).max(7).default([1, 2, 3, 4, 5, 6, 7]),
  /** Whose clock: that of each house, or of one zone. */
  zone: z.union([z.literal('house'), timeZone]).default('house'),
});
export type MaintenanceWindow = z.infer<typeof maintenanceWindow>;

/** Where updates wait until somebody says `continue`. */
export const updatePause = z.enum(['install', 'reboot', 'commit']);
export type UpdatePause = z.infer<typeof updatePause>;

export const deploymentOptions = z.object({
  /** After the last one come all that are left; none: all at once. */
  phases: z.array(deploymentPhaseWish).max(DEPLOYMENT_PHASES_MAX).default([]),
  /** Null: it never pauses by itself. */
  gates: deploymentGates.nullable().default({ failureMax: 0.05, alertsMax: 0.1, reconnectsMax: 1, minSample: 20 }),
  startAt: time.nullable().default(null),
  /** Houses that have not begun until then are left out. */
  endAt: time.nullable().default(null),
  window: maintenanceWindow.nullable().default(null),
  /** How often a house tries again by itself after a failure. */
  retries: z.number().int().min(0).max(DEPLOYMENT_RETRIES_MAX).default(0),
  /** Houses that download at the same time. */
  parallelMax: z.number().int().min(1).max(DEPLOYMENT_PARALLEL_MAX).default(1000),
  /** For each house. Null: as fast as it goes. */
  bytesPerSecond: z.number().int().min(BYTES_PER_SECOND_MIN).max(Number.MAX_SAFE_INTEGER).nullable().default(null),
  /** Of two deployments for a house the higher one comes first, and the older one of two that are equal. */
  priority: z.number().int().min(DEPLOYMENT_PRIORITY_MIN).max(DEPLOYMENT_PRIORITY_MAX).default(0),
  pauseBefore: z.array(updatePause).max(3).default([]),
  /** Install it also where it is installed. */
  force: z.boolean().default(false),
  /** New members of the target join while it runs; it runs until `endAt`, or until somebody ends it. */
  joins: z.boolean().default(false),
  /** The sensors that are meant; null: all that fit the artifact. */
  sensors: z.array(z.string().min(1).max(128)).min(1).max(DEPLOYMENT_SENSORS_MAX).nullable().default(null),
});
export type DeploymentOptions = z.infer<typeof deploymentOptions>;
