/** The end of snoozes. */
import { sql } from 'kysely';
import { ALERTS_CHANGED_MAX } from '@lovely/api';
import { recordAlertEvents } from './alert-events.ts';
import type { AlertChange } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import { lockDevices, refreshHealth } from './health.ts';
import type { IncidentChange } from './incident-counts.ts';
import type { Store } from './store.ts';

/** Ends what was snoozed until now; an alert that was closed meanwhile only forgets it. */
export async function endSnoozes(store: Store): Promise<AlertOutcome & { incidents: IncidentChange[] }> {
  const { rows: incidents } = await sql<Omit<IncidentChange, 'change'>>`
    update incidents set snoozed_until = null where snoozed_until <= now()
    returning tenant_id as "tenantId", id as "incidentId",
      (select device_id from alerts where incident_id = incidents.id limit 1) as "deviceId"`.execute(store.database);
  const changes = incidents.map((row) => ({ ...row, change: 'updated' as const }));
  const { rows: due } = await sql<{ id: string; deviceId: string }>`
    select id, device_id as "deviceId" from alerts where snoozed_until <= now() limit ${ALERTS_CHANGED_MAX}`.execute(
    store.database,
  );
  if (due.length === 0) return { alerts: [], health: [], incidents: changes };
  return await store.database.transaction().execute(async (transaction) => {
    const deviceIds = [...new Set(due.map(({ deviceId }) => deviceId))];
    await lockDevices(transaction, deviceIds);
    const { rows } = await sql<Omit<AlertChange, 'change'> & { isActive: boolean }>`
      update alerts set snoozed_until = null where id = any(${due.map(({ id }) => id)}::uuid[]) and snoozed_until <= now()
      returning tenant_id as "tenantId", device_id as "deviceId", id as "alertId", closed_at is null as "isActive"`.execute(
      transaction,
    );
    const woken = rows.filter(({ isActive }) => isActive);
    await recordAlertEvents(
      transaction,
      woken.map(({ tenantId, alertId }) => ({ tenantId, alertId, kind: 'unsnoozed', text: 'The time was over.' })),
    );
    return {
      alerts: woken.map(({ tenantId, deviceId, alertId }) => ({ tenantId, deviceId, alertId, change: 'unsnoozed' })),
      health: await refreshHealth(transaction, deviceIds),
      incidents: changes,
    };
  });
}
