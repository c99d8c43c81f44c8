/** What gateways say of the sensors that an update is for, and what is told of it. */
import { sql } from 'kysely';
import type { DeploymentSensor } from '@lovely/api';
import type { SensorUpdate } from '@lovely/protocol';
import type { House } from '../domain/deployment-house.ts';
import { SOURCES_PER_DEVICE_MAX } from '../limits.ts';
import { CAUSE_STEP_LENGTH_MAX, FAILURE_MESSAGE_LENGTH_MAX } from '../software-limits.ts';
import { storable } from './deployment-houses.ts';
import type { Database } from './store.ts';

/** News of the sensors of a house in one report. */
export interface ToldSensors {
  readonly report: {
    readonly attempt?: number | undefined;
    readonly atMs: number;
    readonly sensors?: readonly SensorUpdate[] | undefined;
  };
  readonly house: Pick<House, 'deploymentId' | 'deviceId' | 'tenantId' | 'attempt'>;
}

/** A clock that was set back by more than this is another clock, and what it stamps is newer all the same. */
const CLOCK_SET_BACK_MS = 3600_000;

/** Of what is told of a sensor the newest stays, in whatever order it is stored. */
export async function storeDeploymentSensors(transaction: Database, told: readonly ToldSensors[]): Promise<void> {
  const newest = new Map<string, SensorRow>();
  for (const row of told.flatMap(rowsOf)) {
    const key = `${row.deploymentId} ${row.deviceId} ${row.sensorId}`;
    const known = newest.get(key);
    if (known === undefined || isNewer(row, known)) newest.set(key, row);
  }
  if (newest.size === 0) return;
  await sql`
    with told as (
      select new.*, mine.sensor_id is not null as is_known,
        row_number() over (partition by new."deploymentId", new."deviceId", mine.sensor_id is null order by new."sensorId") as place
      from jsonb_to_recordset(${JSON.stringify([...newest.values()])}::jsonb) as new("deploymentId" uuid, "deviceId" uuid,
        "sensorId" text, "tenantId" uuid, state text, percent smallint, message text, attempt int, "deviceMs" bigint)
      left join deployment_sensors as mine on mine.deployment_id = new."deploymentId" and mine.device_id = new."deviceId"
        and mine.sensor_id = new."sensorId")
    insert into deployment_sensors as known
      (deployment_id, device_id, sensor_id, tenant_id, state, percent, message, attempt, device_ms)
    select "deploymentId", "deviceId", "sensorId", "tenantId", state, percent, message, attempt, "deviceMs" from told
    -- A house that makes up other sensors again and again must not fill the table.
    where is_known or place + (select count(*) from deployment_sensors as kept
      where kept.deployment_id = told."deploymentId" and kept.device_id = told."deviceId") <= ${SOURCES_PER_DEVICE_MAX}
    order by 1, 2, 3
    on conflict (deployment_id, device_id, sensor_id) do update set state = excluded.state, percent = excluded.percent,
      message = excluded.message, attempt = excluded.attempt, device_ms = excluded.device_ms, told_at = now()
    where excluded.attempt > known.attempt or excluded.attempt = known.attempt
      and (excluded.device_ms >= known.device_ms or known.device_ms - excluded.device_ms > ${CLOCK_SET_BACK_MS})`.execute(
    transaction,
  );
}

/** How far sensors are in the state that is known of them. */
export async function storeSensorsProgress(
  database: Database,
  progress: readonly {
    readonly deploymentId: string;
    readonly deviceId: string;
    readonly tenantId: string;
    readonly attempt: number;
    readonly sensors: ReadonlyMap<string, SensorUpdate>;
  }[],
): Promise<void> {
  const rows = progress.flatMap(({ sensors, ...house }) =>
    [...sensors.values()].map(({ id, state, percent }) => ({
      ...house,
      sensorId: id,
      state,
      percent: percent ?? null,
    })),
  );
  if (rows.length === 0) return;
  await sql`
    with spoken as (
      select known.deployment_id, known.device_id, known.sensor_id, new.percent
      from jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) as new("deploymentId" uuid, "deviceId" uuid, "tenantId" uuid,
        attempt int, "sensorId" text, state text, percent smallint)
      join deployment_sensors as known on known.deployment_id = new."deploymentId" and known.device_id = new."deviceId"
        and known.sensor_id = new."sensorId" and known.tenant_id = new."tenantId"
        and known.attempt = new.attempt and known.state = new.state
      order by 1, 2, 3 for update of known)
    update deployment_sensors as known set percent = spoken.percent from spoken
    where known.deployment_id = spoken.deployment_id and known.device_id = spoken.device_id
      and known.sensor_id = spoken.sensor_id`.execute(database);
}

/** Those of a house that the caller may see. */
export async function listDeploymentSensors(
  database: Database,
  deploymentId: string,
  deviceId: string,
): Promise<DeploymentSensor[]> {
  const { rows } = await sql<Omit<DeploymentSensor, 'at'> & { toldAt: Date }>`
    select told.sensor_id as id, coalesce(sensors.name, '') as name, told.state, told.percent, told.message,
      told.told_at as "toldAt"
    from deployment_sensors as told
    left join sensors on sensors.device_id = told.device_id and sensors.id = told.sensor_id
    where told.deployment_id = ${deploymentId} and told.device_id = ${deviceId} order by told.sensor_id`.execute(
    database,
  );
  return rows.map(({ toldAt, ...sensor }) => ({ ...sensor, at: toldAt.toISOString() }));
}

/** The update that each sensor of a house was in last, or is in now. */
export async function listSensorUpdates(database: Database, deviceId: string): Promise<Map<string, LastSensorUpdate>> {
  const { rows } = await sql<LastSensorUpdate & { sensorId: string; toldAt: Date }>`
    select distinct on (told.sensor_id) told.sensor_id as "sensorId", told.deployment_id as "deploymentId",
      deployments.name as "deploymentName", told.state, told.percent, told.message, told.told_at as "toldAt"
    from deployment_sensors as told join deployments on deployments.id = told.deployment_id
    where told.device_id = ${deviceId}
    order by told.sensor_id, told.told_at desc`.execute(database);
  return new Map(rows.map(({ sensorId, toldAt, ...update }) => [sensorId, { ...update, at: toldAt.toISOString() }]));
}

export interface LastSensorUpdate {
  readonly deploymentId: string;
  readonly deploymentName: string;
  readonly state: string;
  readonly percent: number | null;
  readonly message: string;
  readonly at: string;
}

interface SensorRow {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly tenantId: string;
  readonly sensorId: string;
  readonly state: string;
  readonly percent: number | null;
  readonly message: string;
  readonly attempt: number;
  readonly deviceMs: number;
}

function rowsOf({ report, house }: ToldSensors): SensorRow[] {
  const { deploymentId, deviceId, tenantId } = house;
  return (report.sensors ?? []).map((sensor) => ({
    deploymentId,
    deviceId,
    tenantId,
    sensorId: storable(sensor.id, CAUSE_STEP_LENGTH_MAX),
    state: sensor.state,
    percent: sensor.percent ?? null,
    message: storable(sensor.message ?? '', FAILURE_MESSAGE_LENGTH_MAX),
    attempt: report.attempt ?? house.attempt,
    deviceMs: Math.round(report.atMs),
  }));
}

function isNewer(row: SensorRow, than: SensorRow): boolean {
  return row.attempt > than.attempt || (row.attempt === than.attempt && row.deviceMs >= than.deviceMs);
}
