/** Deployments and their devices in the shapes of Mender's management API (COMPAT section 3.4). */
import {
  deploymentDeviceState,
  type Deployment,
  type DeploymentCounts,
  type DeploymentDeviceState,
  type LogLine,
} from '@lovely/api';
import type { MenderDeploymentDevice } from '../../store/mender-deployments.ts';

/** As Mender calls them: `pending` before the first device began, `inprogress` until the last is through. */
export type MenderDeploymentStatus = 'scheduled' | 'pending' | 'inprogress' | 'finished';

export function menderStatusOf({ state, counts }: Pick<Deployment, 'state' | 'counts'>): MenderDeploymentStatus {
  if (state === 'finished' || state === 'aborted') return 'finished';
  if (state === 'scheduled') return 'scheduled';
  return counts.houses === counts.pending ? 'pending' : 'inprogress';
}

/** What of a deployment is not in the noun itself. */
export interface DeploymentFacts {
  /** The artifacts of its name. */
  readonly artifactIds: readonly string[];
  /** The group that it is for. */
  readonly groupName: string | undefined;
}

export function toMenderDeployment(deployment: Deployment, { artifactIds, groupName }: DeploymentFacts) {
  const { id, name, artifactName, kind, options, counts, bytes, phases, createdAt, finishedAt } = deployment;
  return {
    id,
    name,
    artifact_name: artifactName,
    created: createdAt,
    ...(finishedAt === null ? {} : { finished: finishedAt }),
    status: menderStatusOf(deployment),
    device_count: counts.houses,
    initial_device_count: counts.houses,
    max_devices: counts.houses,
    artifacts: artifactIds,
    groups: groupName === undefined ? [] : [groupName],
    type: kind,
    force_installation: options.force,
    retries: options.retries,
    // Mender counts what each phase adds, we how far it goes.
    ...(options.phases.length === 0
      ? {}
      : {
          phases: phases.map(({ end, begun, startedAt }, at) => ({
            id: `${id}-${at}`,
            batch_size:
              counts.houses === 0 ? 0 : Math.round(((end - (phases[at - 1]?.end ?? 0)) * 100) / counts.houses),
            device_count: begun,
            ...(startedAt === null ? {} : { start_ts: startedAt }),
          })),
        }),
    statistics: { status: statisticsOf(counts), total_size: bytes.wanted },
  };
}

/** Counts by Mender's names, which are ours. */
export function statisticsOf(counts: DeploymentCounts): Omit<DeploymentCounts, 'houses'> {
  const { houses: _, ...byState } = counts;
  return byState;
}

const FINAL: ReadonlySet<DeploymentDeviceState> = new Set([
  'success',
  'failure',
  'already-installed',
  'noartifact',
  'aborted',
  'decommissioned',
]);

/** A device in a deployment. */
export function toMenderDevice(device: MenderDeploymentDevice) {
  const { deviceId, state, substate, hasLog, beganAt, finishedAt, createdAt, attempt, artifactId, bytes } = device;
  const isFinal = FINAL.has(state);
  return {
    id: deviceId,
    status: state,
    created: createdAt.toISOString(),
    ...(beganAt === null ? {} : { started: beganAt.toISOString() }),
    ...(finishedAt === null || !isFinal ? {} : { finished: finishedAt.toISOString() }),
    device_type: device.deviceType ?? '',
    log: hasLog,
    state: isFinal ? 'idle' : state,
    ...(substate === '' ? {} : { substate }),
    attempts: attempt,
    ...(artifactId === null ? {} : { image: { id: artifactId, size: Number(bytes ?? 0) } }),
  };
}

const STATES_OF: Readonly<Record<string, readonly DeploymentDeviceState[]>> = {
  pause: ['pause_before_installing', 'pause_before_rebooting', 'pause_before_committing'],
  active: [
    'pending',
    'downloading',
    'installing',
    'rebooting',
    'pause_before_installing',
    'pause_before_rebooting',
    'pause_before_committing',
  ],
  finished: [...FINAL],
};

/** The states that a filter of Mender's tools means: one, or a word for several. Undefined for none that there is. */
export function statesOf(status: string): readonly DeploymentDeviceState[] | undefined {
  const one = deploymentDeviceState.safeParse(status);
  return one.success ? [one.data] : STATES_OF[status];
}

/** A log as Mender shows it: `2026-11-22 15:41:36 +0000 UTC info: message`. */
export function toMenderLog(lines: readonly LogLine[]): string {
  return lines
    .map(({ at, level, message }) => `${at.slice(0, 10)} ${at.slice(11, 19)} +0000 UTC ${level}: ${message}\n`)
    .join('');
}
