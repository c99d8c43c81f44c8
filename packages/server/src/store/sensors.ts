/** Sensors: what a house last told of them, with their values and problems. */
import { sql } from 'kysely';
import type { Health, Sensor } from '@lovely/api';
import type { SensorDescription } from '@lovely/protocol';
import type { DeviceScope } from '../domain/device-scope.ts';
import { SENSOR_MODELS_MAX, SOURCES_PER_DEVICE_MAX, SPOOL_IDS_SPAN } from '../limits.ts';
import { listSensorUpdates } from './deployment-sensors.ts';
import { withinScope } from './device-filter.ts';
import { listStatusValues } from './status.ts';
import type { Database, Store } from './store.ts';

export interface Topology {
  readonly deviceId: string;
  readonly messageId: number;
  readonly sensors: readonly SensorDescription[];
}

/**
 * Stores what houses told of their sensors; what is told no more is kept as removed. Returns the devices with something
 * new. Of two messages of a device the one with the higher id counts, unless the ids lie so far apart that the device
 * began to count anew (decision 0005).
 */
export async function storeTopologies(
  store: Store,
  topologies: readonly Topology[],
): Promise<{ deviceId: string; tenantId: string }[]> {
  const newest = new Map<string, Topology>();
  for (const topology of topologies) {
    const known = newest.get(topology.deviceId);
    if (!known || isNewer(topology.messageId, known.messageId)) newest.set(topology.deviceId, topology);
  }
  const batch = [...newest.values()];
  return await store.database.transaction().execute(async (transaction) => {
    const { rows: taken } = await sql<{ deviceId: string; tenantId: string }>`
      insert into sensor_topologies as known (device_id, tenant_id, message_id)
      select devices.id, devices.tenant_id, new.message_id
      from unnest(${batch.map((each) => each.deviceId)}::uuid[], ${batch.map((each) => each.messageId)}::bigint[]) as new(id, message_id)
      join devices on devices.id = new.id
      order by devices.id
      on conflict (device_id) do update set message_id = excluded.message_id, stored_at = now()
        where excluded.message_id > known.message_id or known.message_id - excluded.message_id > ${SPOOL_IDS_SPAN}
      returning device_id as "deviceId", tenant_id as "tenantId"`.execute(transaction);
    const rows = taken.flatMap(({ deviceId, tenantId }) =>
      lastOfEachId(newest.get(deviceId)!.sensors).map((sensor) => ({ ...sensor, deviceId, tenantId })),
    );
    await sql`
      update sensors set removed_at = now()
      where device_id = any(${taken.map((row) => row.deviceId)}::uuid[]) and removed_at is null
        and (device_id, id) not in (
          select * from unnest(${rows.map((row) => row.deviceId)}::uuid[], ${rows.map((row) => row.id)}::text[]))`.execute(
      transaction,
    );
    await sql`
      insert into sensors (tenant_id, device_id, id, kind, name, model, serial, firmware, place)
      select * from unnest(
        ${rows.map((row) => row.tenantId)}::uuid[], ${rows.map((row) => row.deviceId)}::uuid[], ${rows.map((row) => row.id)}::text[],
        ${rows.map((row) => row.kind)}::text[], ${rows.map((row) => row.name)}::text[], ${rows.map((row) => row.model)}::text[],
        ${rows.map((row) => row.serial)}::text[], ${rows.map((row) => row.firmware)}::text[], ${rows.map((row) => row.place)}::text[])
      on conflict (device_id, id) do update set kind = excluded.kind, name = excluded.name, model = excluded.model,
        serial = excluded.serial, firmware = excluded.firmware, place = excluded.place, removed_at = null`.execute(
      transaction,
    );
    await forgetRemoved(
      transaction,
      taken.map((row) => row.deviceId),
    );
    return taken;
  });
}

/** A house that gives its sensors other names again and again must not fill the table: those removed last are enough. */
async function forgetRemoved(transaction: Database, deviceIds: readonly string[]): Promise<void> {
  await sql`
    delete from sensors using (
      select device_id, id, row_number() over (partition by device_id order by removed_at desc, id) as place from sensors
      where device_id = any(${[...deviceIds]}::uuid[]) and removed_at is not null) as removed
    where removed.place > ${SOURCES_PER_DEVICE_MAX} and sensors.device_id = removed.device_id and sensors.id = removed.id`.execute(
    transaction,
  );
}

function isNewer(id: number, than: number): boolean {
  return id > than || than - id > SPOOL_IDS_SPAN;
}

function lastOfEachId(sensors: readonly SensorDescription[]): SensorDescription[] {
  return [...new Map(sensors.map((sensor) => [sensor.id, sensor])).values()];
}

/** The sensors of a device that the caller has made sure may be seen; those that were removed last. */
export async function listSensors(database: Database, tenantId: string, deviceId: string): Promise<Sensor[]> {
  const rows = await database
    .selectFrom('sensors')
    .selectAll('sensors')
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .orderBy(sql`removed_at is not null`)
    .orderBy('place')
    .orderBy('name')
    .orderBy('id')
    .execute();
  const { rows: problems } = await sql<{ source: string; count: number; isCritical: boolean }>`
    select source, count(*)::int as count, bool_or(severity = 'critical') as "isCritical" from alerts
    where tenant_id = ${tenantId} and device_id = ${deviceId} and closed_at is null and snoozed_until is null
    group by source`.execute(database);
  const problemsOf = new Map(problems.map((row) => [row.source, row]));
  const updates = await listSensorUpdates(database, deviceId);
  const metrics = Map.groupBy(await listStatusValues(database, tenantId, deviceId), ({ source }) => source);
  return rows.map((row) => {
    const known = metrics.get(row.id) ?? [];
    const open = problemsOf.get(row.id);
    return {
      id: row.id,
      kind: row.kind,
      name: row.name,
      model: row.model,
      serial: row.serial,
      firmware: row.firmware,
      place: row.place,
      health: healthOf(open, known.length > 0),
      openAlerts: open?.count ?? 0,
      update: updates.get(row.id) ?? null,
      values: Object.fromEntries(known.map(({ name, value }) => [name, value])),
      reportedAt: known.map(({ ts }) => ts).reduce<string | null>((a, b) => (a !== null && a > b ? a : b), null),
      createdAt: row.created_at.toISOString(),
      removedAt: row.removed_at?.toISOString() ?? null,
    };
  });
}

function healthOf(open: { isCritical: boolean } | undefined, hasReported: boolean): Health {
  if (open) return open.isCritical ? 'critical' : 'warning';
  return hasReported ? 'ok' : 'unknown';
}

export interface SensorModel {
  readonly kind: string;
  readonly model: string;
  readonly firmware: string;
  readonly sensors: number;
  readonly devices: number;
}

/** The kinds, models and firmware of sensors in these houses, the most common first. */
export async function listSensorModels(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
): Promise<SensorModel[]> {
  const isVisible =
    scope.kind === 'all' ? sql`true` : sql`device_id in (select id from devices where ${withinScope(scope)})`;
  const { rows } = await sql<SensorModel>`
    select kind, model, firmware, count(*)::int as sensors, count(distinct device_id)::int as devices
    from sensors where tenant_id = ${tenantId} and removed_at is null and ${isVisible}
    group by kind, model, firmware order by sensors desc, kind, model, firmware
    limit ${SENSOR_MODELS_MAX}`.execute(database);
  return rows;
}
