/** Deployments as people see them, from their row and their counts. */
import type { Deployment, DeploymentCounts, DeploymentDeviceState } from '@lovely/api';
import { phasesOf } from '../domain/deployment-plan.ts';
import type { DeploymentRow } from './deployment-facts.ts';
import { planCounts, type CountRow } from '../domain/deployment-counts.ts';

const TARGET_IDS_SHOWN = 100;

export function toDeployment(row: DeploymentRow, counts: readonly CountRow[], nowMs: number): Deployment {
  const { options, target } = row;
  const { waitsFor, waitsUntilMs } = waiting(row, counts);
  const isWaiting = waitsUntilMs === null || waitsUntilMs > nowMs;
  return {
    id: row.id,
    name: row.name,
    artifactName: row.artifact_name,
    kind: row.kind,
    target: target.kind === 'devices' ? { ...target, ids: target.ids.slice(0, TARGET_IDS_SHOWN) } : target,
    options,
    state: row.state,
    reason: row.reason,
    pausedBy: row.paused_by,
    waitsFor: isWaiting ? waitsFor : null,
    waitsUntil: isWaiting && waitsUntilMs !== null ? new Date(waitsUntilMs).toISOString() : null,
    isCollected: row.collected_at !== null,
    phase: row.phase,
    phases: phasesWithCounts(row, counts),
    counts: byState(counts),
    bytes: {
      wanted: counts.reduce((sum, { phase, wanted }) => sum + (phase >= 0 ? wanted : 0), 0),
      downloaded: counts.reduce((sum, { phase, downloaded }) => sum + (phase >= 0 ? downloaded : 0), 0),
    },
    retryOf: row.retry_of,
    createdBy: { type: row.created_by.type, name: row.created_by.name },
    createdAt: row.created_at.toISOString(),
    startedAt: row.started_at?.toISOString() ?? null,
    finishedAt: row.ended_at?.toISOString() ?? null,
    version: row.version,
  };
}

function planOf({ options }: DeploymentRow, counts: readonly CountRow[]) {
  const { houses, skipped } = planCounts(counts, 0);
  return phasesOf(options.phases, houses - skipped);
}

function waiting(
  row: DeploymentRow,
  counts: readonly CountRow[],
): { waitsFor: Deployment['waitsFor']; waitsUntilMs: number | null } {
  if (row.state === 'scheduled' && row.options.startAt !== null)
    return { waitsFor: 'start', waitsUntilMs: Date.parse(row.options.startAt) };
  const phases = planOf(row, counts);
  const phase = phases[row.phase];
  const overMs = row.phase_marks[row.phase]?.overMs ?? null;
  const isBetween = row.state === 'running' && overMs !== null && row.phase < phases.length - 1 && !row.is_passed;
  if (!isBetween || !phase) return { waitsFor: null, waitsUntilMs: null };
  if (phase.waitsForPerson) return { waitsFor: 'person', waitsUntilMs: null };
  return phase.pauseMs > 0
    ? { waitsFor: 'pause', waitsUntilMs: overMs + phase.pauseMs }
    : { waitsFor: null, waitsUntilMs: null };
}

const STATES_OVER: ReadonlySet<string> = new Set([
  'success',
  'failure',
  'already-installed',
  'aborted',
  'decommissioned',
]);

function phasesWithCounts(row: DeploymentRow, counts: readonly CountRow[]): Deployment['phases'] {
  const time = (ms: number | null | undefined): string | null => (ms == null ? null : new Date(ms).toISOString());
  let begunBefore = 0;
  return planOf(row, counts).map(({ end, pauseMs, waitsForPerson }, at) => {
    const of = counts.filter(({ phase }) => phase === at);
    const sum = (is: (state: string) => boolean): number =>
      of.reduce((total, { state, houses }) => total + (is(state) ? houses : 0), 0);
    const mark = row.phase_marks[at];
    const begun = sum(() => true);
    begunBefore += begun;
    const isOver = at < row.phase || row.ended_at !== null || (mark?.overMs ?? null) !== null;
    return {
      // Houses that had it or fit nothing were counted when it began, and are not any more; those that have begun are.
      end: Math.max(end, begunBefore),
      pauseMs,
      waitsForPerson,
      state: isOver ? 'over' : mark ? 'running' : 'waiting',
      begun,
      active: sum((state) => !STATES_OVER.has(state)),
      succeeded: sum((state) => state === 'success' || state === 'already-installed'),
      failed: sum((state) => state === 'failure'),
      startedAt: time(mark?.startedMs),
      overAt: time(mark?.overMs),
    };
  });
}

function byState(counts: readonly CountRow[]): DeploymentCounts {
  const result: DeploymentCounts = {
    houses: 0,
    pending: 0,
    downloading: 0,
    pause_before_installing: 0,
    installing: 0,
    pause_before_rebooting: 0,
    rebooting: 0,
    pause_before_committing: 0,
    success: 0,
    failure: 0,
    'already-installed': 0,
    noartifact: 0,
    aborted: 0,
    decommissioned: 0,
  };
  for (const { state, houses } of counts) {
    result[state === 'offered' ? 'pending' : (state as DeploymentDeviceState)] += houses;
    result.houses += houses;
  }
  return result;
}
