/**
 * A device that is in two places: its connections come from several, and each comes back after another. A gateway that
 * restarts is a new place each time and never an old one again; one that only reconnects stays in its place.
 */
import { sql } from 'kysely';
import type { Severity } from '@lovely/api';
import { CLONE_RULE } from '../domain/default-rules.ts';
import { fillTemplate } from '../domain/rule.ts';
import { CLONE_RETURNS_MIN, DEVICE_ORIGINS_MAX } from '../limits.ts';
import { clearAlerts, raiseAlerts, type AlertChange } from './alert-openings.ts';
import type { AlertOutcome } from './alerts.ts';
import { lockDevices, refreshHealth } from './health.ts';
import type { Database, Store } from './store.ts';

export interface Origin {
  readonly deviceId: string;
  /** Names the place: a running client, or an address where clients don't say who they are. */
  readonly place: string;
  readonly ts: Date;
}

/**
 * Notes where connections of locked devices came from, the latest of each device, and opens an alert for those to whose
 * place others came back several times, each within `windowMs` of the one before.
 */
export async function noteOrigins(
  transaction: Database,
  origins: readonly Origin[],
  windowMs: number,
): Promise<AlertChange[]> {
  if (origins.length === 0) return [];
  const latest = [...new Map(origins.map((origin) => [origin.deviceId, origin])).values()];
  // A place is written once when it is new, so that a storm of ordinary reconnects writes nothing.
  const { rows } = await sql<{ deviceId: string; returns: number; places: number }>`
    update presence set
      origins = (array[came.place] || array_remove(origins, came.place))[1:${DEVICE_ORIGINS_MAX}::int],
      returns = case when came.place <> all(origins) then returns
        when returned_at > came.ts - make_interval(secs => ${windowMs / 1000}) then returns + 1 else 1 end,
      returned_at = case when came.place = any(origins) then came.ts else returned_at end
    from unnest(${latest.map(({ deviceId }) => deviceId)}::uuid[], ${latest.map(({ place }) => place)}::text[],
      ${latest.map(({ ts }) => ts)}::timestamptz[]) as came(device_id, place, ts)
    where presence.device_id = came.device_id and came.place is distinct from presence.origins[1]
    returning presence.device_id as "deviceId", returns, cardinality(origins) as places`.execute(transaction);
  const cloned = rows.filter(({ returns }) => returns >= CLONE_RETURNS_MIN);
  if (cloned.length === 0) return [];
  const places = new Map(cloned.map((row) => [row.deviceId, row.places]));
  const { rows: rules } = await sql<{ tenantId: string; deviceId: string; severity: Severity; description: string }>`
    select devices.tenant_id as "tenantId", devices.id as "deviceId", rules.severity, rules.description
    from devices join rules on rules.tenant_id = devices.tenant_id and rules.key = ${CLONE_RULE} and rules.enabled
    where devices.id = any(${[...places.keys()]}::uuid[])
      and not exists (select from alerts where alerts.device_id = devices.id and alerts.source = '' and alerts.rule = ${CLONE_RULE}
        and alerts.closed_at is null)`.execute(transaction);
  return await raiseAlerts(
    transaction,
    rules.map(({ description, ...rule }) => {
      const values = { places: places.get(rule.deviceId)! };
      const ts = new Date();
      return {
        ...rule,
        source: '',
        rule: CLONE_RULE,
        description: fillTemplate(description, values),
        values,
        ts,
        count: 1,
      };
    }),
  );
}

/** Closes the alerts of devices that have stayed in one place for `quietMs`. */
export async function closeQuietClones(store: Store, quietMs: number): Promise<AlertOutcome> {
  const { rows: quiet } = await sql<{ deviceId: string }>`
    select alerts.device_id as "deviceId" from alerts left join presence on presence.device_id = alerts.device_id
    where alerts.rule = ${CLONE_RULE} and alerts.closed_at is null
      and coalesce(presence.returned_at, alerts.opened_at) < now() - make_interval(secs => ${quietMs / 1000})`.execute(
    store.database,
  );
  if (quiet.length === 0) return { alerts: [], health: [] };
  const deviceIds = quiet.map(({ deviceId }) => deviceId);
  return await store.database.transaction().execute(async (transaction) => {
    await lockDevices(transaction, deviceIds);
    const { rows: stillQuiet } = await sql<{ deviceId: string }>`
      select device_id as "deviceId" from presence where device_id = any(${deviceIds}::uuid[])
        and (returned_at is null or returned_at < now() - make_interval(secs => ${quietMs / 1000}))`.execute(
      transaction,
    );
    const ts = new Date();
    return {
      alerts: await clearAlerts(
        transaction,
        stillQuiet.map(({ deviceId }) => ({
          deviceId,
          source: '',
          rule: CLONE_RULE,
          ts,
          by: 'server',
          reason: 'The gateway has stayed in one place.',
        })),
      ),
      health: await refreshHealth(transaction, deviceIds),
    };
  });
}
