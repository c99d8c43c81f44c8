/** Rollouts as workers carry them on: each is locked by one of them while it plans and starts. */
import { sql, type Selectable } from 'kysely';
import type { Fix } from '@lovely/api';
import { ALL_DEVICES } from '../domain/device-scope.ts';
import type { RolloutFacts, RolloutStep } from '../domain/fix-rollout.ts';
import { LovelyError } from '../errors.ts';
import { callOffWaiting, countHouses, NO_HOUSES, type RolloutCounts } from './fix-rollouts.ts';
import type { FixRunChange } from './fix-run-engine.ts';
import { getFixableAlert, insertFixRun } from './fix-runs.ts';
import { getFix } from './fixes.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';

type RolloutRow = Selectable<Schema['fix_rollouts']>;

export interface OpenRollout {
  readonly id: string;
  readonly tenantId: string;
  readonly facts: RolloutFacts;
  readonly row: RolloutRow;
}

/** Locks the rollouts under way that no other worker has, until the transaction ends; without those in `except`. */
export async function takeOpenRollouts(transaction: Database, except: readonly string[]): Promise<OpenRollout[]> {
  const rows = await transaction
    .selectFrom('fix_rollouts')
    .selectAll()
    .where('state', 'in', ['trial', 'running'])
    .where(sql<boolean>`id <> all(${[...except]}::uuid[])`)
    .orderBy('id')
    .forUpdate()
    .skipLocked()
    .execute();
  const counts = await countHouses(
    transaction,
    rows.map(({ id }) => id),
    ALL_DEVICES,
  );
  return rows.map((row) => ({
    id: row.id,
    tenantId: row.tenant_id,
    row,
    facts: factsOf(row, counts.get(row.id) ?? NO_HOUSES),
  }));
}

function factsOf(row: RolloutRow, counts: RolloutCounts): RolloutFacts {
  return {
    state: row.state as RolloutFacts['state'],
    phase: row.phase,
    phases: row.phases,
    parallelMax: row.parallel_max,
    minSuccess: row.min_success,
    started: counts.houses - counts.pending,
    active: counts.waiting - counts.away + counts.running + counts.checking,
    away: counts.away,
    tried: counts.helped + counts.notHelped + counts.failed - row.forgiven.tried,
    helped: counts.helped - row.forgiven.helped,
  };
}

/** Carries a step out, in the transaction that holds the rollout. Returns the runs that it started. */
export async function applyRolloutStep(
  transaction: Database,
  rollout: OpenRollout,
  step: RolloutStep,
): Promise<FixRunChange[]> {
  const set = async (values: Record<string, unknown>): Promise<void> => {
    await transaction
      .updateTable('fix_rollouts')
      .set({ ...values, version: sql`version + 1` })
      .where('id', '=', rollout.id)
      .execute();
  };
  const stop = async (reason: string): Promise<FixRunChange[]> => {
    await set({ state: 'stopped', reason, ended_at: sql`now()` });
    await callOffWaiting(transaction, rollout.id);
    return [];
  };
  switch (step.kind) {
    case 'wait':
      return [];
    case 'advance':
      await set({ state: 'running', phase: step.phase });
      return [];
    case 'stop':
      return await stop(step.reason);
    case 'finish':
      await set({ state: 'done', reason: step.reason, ended_at: sql`now()` });
      return [];
    case 'start': {
      const { fix_id: fixId, fix_version: triedVersion } = rollout.row;
      // A fix that was deleted meanwhile runs nowhere any more: its houses are skipped.
      const fix = fixId === null ? undefined : await getFix(transaction, rollout.tenantId, fixId);
      if (fix && fix.version !== triedVersion)
        return await stop('The fix was changed after it was tried: start it anew.');
      return await startHouses(transaction, rollout, fix, step.houses);
    }
  }
}

async function startHouses(
  transaction: Database,
  { id, tenantId, row }: OpenRollout,
  fix: Fix | undefined,
  count: number,
): Promise<FixRunChange[]> {
  const houses = await transaction
    .selectFrom('fix_rollout_houses')
    .select(['position', 'device_id as deviceId', 'alert_id as alertId'])
    .where('rollout_id', '=', id)
    .where('run_id', 'is', null)
    .where('skipped', '=', false)
    .orderBy('position')
    .limit(count)
    .execute();
  const changes: FixRunChange[] = [];
  for (const { position, deviceId, alertId } of houses) {
    const runId = await tryRun(transaction, tenantId, id, row, fix, alertId);
    await transaction
      .updateTable('fix_rollout_houses')
      .set(runId === undefined ? { skipped: true } : { run_id: runId })
      .where('rollout_id', '=', id)
      .where('position', '=', position)
      .execute();
    if (runId !== undefined) changes.push({ tenantId, deviceId, alertId, runId, rolloutId: id, state: 'waiting' });
  }
  return changes;
}

/** Undefined where the problem is over, is being fixed already, or the fix does not fit it. */
async function tryRun(
  transaction: Database,
  tenantId: string,
  rolloutId: string,
  { parameters, started_by: startedBy }: RolloutRow,
  fix: Fix | undefined,
  alertId: string,
): Promise<string | undefined> {
  if (!fix) return undefined;
  try {
    const alert = await getFixableAlert(transaction, tenantId, ALL_DEVICES, alertId);
    return await insertFixRun(transaction, tenantId, { fix, alert, parameters, startedBy, rolloutId });
  } catch (error) {
    if (error instanceof LovelyError) return undefined;
    throw error;
  }
}
