/** Fixes that run by themselves: which alerts they are due for, within their guard rails. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { Fix } from '@lovely/api';
import { ALL_DEVICES, type DeviceGroup } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { FIX_AUTOMATIC_STARTED_MAX, FIX_AUTOMATIC_TRIED_MIN } from '../limits.ts';
import { recordAlertEvent } from './alert-events.ts';
import { appendAudit } from './audit.ts';
import { withinScope } from './device-filter.ts';
import type { FixRunChange } from './fix-run-engine.ts';
import { getFixableAlert, insertFixRun } from './fix-runs.ts';
import { getFix } from './fixes.ts';
import { getDeviceGroup } from './groups.ts';
import type { StartedBy } from './schema/fixes.ts';
import type { Database } from './store.ts';

/** The fixes that may run by themselves. */
export async function listAutomaticFixes(database: Database): Promise<{ id: string; tenantId: string }[]> {
  return await database
    .selectFrom('fixes')
    .select(['id', 'tenant_id as tenantId'])
    .where(sql<boolean>`(automatic ->> 'enabled')::boolean`)
    .orderBy('id')
    .execute();
}

const SYSTEM: StartedBy = { type: 'system', id: 'automatic-fix', name: 'Automatic fix' };

export interface AutomaticRuns {
  readonly started: FixRunChange[];
  /** Alerts that the fix can't run on, and why. */
  readonly refused: { readonly alertId: string; readonly reason: string }[];
}

/**
 * Starts the fix on the houses that it is due for, each with its entry in the audit log. One worker does it at a time, so
 * that its limits hold. Alerts in `resting` are left alone: what can't be fixed must not take the place of what can.
 */
export async function startAutomaticRuns(
  database: Database,
  { id, tenantId }: { readonly id: string; readonly tenantId: string },
  resting: readonly string[],
): Promise<AutomaticRuns> {
  return await database.transaction().execute(async (transaction) => {
    const { rows } = await sql<{ mine: boolean }>`
      select pg_try_advisory_xact_lock(hashtextextended(${`automatic ${id}`}, 0)) as mine`.execute(transaction);
    const started: FixRunChange[] = [];
    const refused: AutomaticRuns['refused'] = [];
    if (!rows[0]!.mine) return { started, refused };
    const fix = await getFix(transaction, tenantId, id);
    for (const alertId of await listDueAlerts(transaction, tenantId, fix, resting)) {
      const alert = await getFixableAlert(transaction, tenantId, ALL_DEVICES, alertId);
      let runId: string;
      try {
        runId = await insertFixRun(transaction, tenantId, { fix, alert, parameters: {}, startedBy: SYSTEM });
      } catch (error) {
        if (!(error instanceof LovelyError)) throw error;
        refused.push({ alertId, reason: error.message });
        continue;
      }
      await recordAlertEvent(transaction, { tenantId, alertId, kind: 'fix-run', text: fix.title, details: { runId } });
      await appendAudit(transaction, tenantId, {
        id: randomUUID(),
        at: new Date(),
        actor: SYSTEM,
        action: 'fix.run',
        object: { type: 'alert', id: alertId, name: fix.rule },
        result: 'success',
        address: '',
        change: null,
        details: { fix: fix.title, run: runId, device: alert.deviceId },
      });
      started.push({ tenantId, deviceId: alert.deviceId, alertId, runId, rolloutId: null, state: 'waiting' });
    }
    return { started, refused };
  });
}

/** Open alerts that the fix has not been tried on, on houses that are connected; as many as its limits leave. */
async function listDueAlerts(
  transaction: Database,
  tenantId: string,
  fix: Fix,
  resting: readonly string[],
): Promise<string[]> {
  const { automatic, stats, rule, id } = fix;
  if (
    !automatic.enabled ||
    (stats.tried >= FIX_AUTOMATIC_TRIED_MIN && stats.helped / stats.tried < automatic.minSuccess)
  )
    return [];
  const groups: DeviceGroup[] = [];
  for (const groupId of automatic.groupIds) groups.push(...(await findGroup(transaction, tenantId, groupId)));
  const isInGroup = automatic.groupIds.length === 0 ? sql`true` : withinScope({ kind: 'some', groups });
  const isSevere =
    automatic.severities.length === 0 ? sql`true` : sql`alerts.severity = any(${[...automatic.severities]}::text[])`;
  const { rows } = await sql<{ id: string }>`
    select distinct on (devices.id) alerts.id from alerts
    join devices on devices.id = alerts.device_id
    join presence on presence.device_id = devices.id and presence.connected
    where alerts.tenant_id = ${tenantId} and alerts.rule = ${rule} and alerts.closed_at is null and alerts.state <> 'snoozed'
      and alerts.id <> all(${[...resting]}::uuid[]) and devices.status = 'accepted' and ${isSevere} and ${isInGroup}
      and not exists (select from fix_runs as run
        where run.alert_id = alerts.id and (run.fix_id = ${id} or run.ended_at is null))
      and (select count(*) from fix_runs as run where run.device_id = devices.id and run.fix_id = ${id}
        and run.started_by ->> 'type' = 'system' and run.created_at > now() - interval '1 day') < ${automatic.perHouseAndDayMax}
    order by devices.id, alerts.opened_at
    limit least(${FIX_AUTOMATIC_STARTED_MAX}, greatest(0, ${automatic.perHourMax} - (
      select count(*) from fix_runs as run where run.fix_id = ${id} and run.started_by ->> 'type' = 'system'
        and run.created_at > now() - interval '1 hour')))`.execute(transaction);
  return rows.map((row) => row.id);
}

/** A group that was deleted since has no houses. */
async function findGroup(transaction: Database, tenantId: string, id: string): Promise<DeviceGroup[]> {
  try {
    return [await getDeviceGroup(transaction, tenantId, id)];
  } catch (error) {
    if (error instanceof LovelyError && error.code === 'not-found') return [];
    throw error;
  }
}
