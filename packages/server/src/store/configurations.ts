/** What houses should be set to, and what they say they are. */
import { sql } from 'kysely';
import type { Configuration, FixValue } from '@lovely/api';
import { configurationDesired, CONFIGURATION_VALUES_MAX, encodeFrame, FRAME_BYTES_MAX_DOWN } from '@lovely/protocol';
import { LovelyError } from '../errors.ts';
import type { Database } from './store.ts';

type Values = Readonly<Record<string, FixValue>>;

/** Empty for a house that nobody has desired anything of. */
export async function getConfiguration(database: Database, tenantId: string, deviceId: string): Promise<Configuration> {
  const row = await database
    .selectFrom('configurations')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return {
    desired: row?.desired ?? {},
    version: row?.version ?? 0,
    desiredAt: row?.desired_at?.toISOString() ?? null,
    desiredBy: row?.desired_by ?? null,
    reported: row?.reported ?? {},
    reportedVersion: row?.reported_version ?? 0,
    reportedAt: row?.reported_at?.toISOString() ?? null,
  };
}

/**
 * Replaces the desired values, and tells the version before.
 * Throws 'configuration-too-large', or 'changed-meanwhile' unless the version is `ifVersion`.
 */
export async function replaceDesired(
  database: Database,
  tenantId: string,
  deviceId: string,
  desired: Values,
  by: string,
  ifVersion?: number,
): Promise<void> {
  requireFits(desired);
  const version = await lockVersion(database, tenantId, deviceId);
  if (ifVersion !== undefined && version !== ifVersion) throw new LovelyError('changed-meanwhile');
  await writeDesired(database, deviceId, desired, by);
}

/** Changes some of the desired values, and returns the new version. Throws 'configuration-too-large'. */
export async function mergeDesired(
  database: Database,
  tenantId: string,
  deviceId: string,
  values: Values,
  by: string,
): Promise<number> {
  await lockVersion(database, tenantId, deviceId);
  const { desired } = await database
    .selectFrom('configurations')
    .select('desired')
    .where('device_id', '=', deviceId)
    .executeTakeFirstOrThrow();
  const merged = { ...desired, ...values };
  requireFits(merged);
  return await writeDesired(database, deviceId, merged, by);
}

/** All of it goes to the house in one message. */
function requireFits(values: Values): void {
  const frame = configurationDesired.frame({}, { version: Number.MAX_SAFE_INTEGER, values });
  if (Object.keys(values).length > CONFIGURATION_VALUES_MAX || encodeFrame(frame).length > FRAME_BYTES_MAX_DOWN)
    throw new LovelyError('configuration-too-large');
}

async function lockVersion(database: Database, tenantId: string, deviceId: string): Promise<number> {
  await database
    .insertInto('configurations')
    .values({ device_id: deviceId, tenant_id: tenantId })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const { version } = await database
    .selectFrom('configurations')
    .select('version')
    .where('device_id', '=', deviceId)
    .forUpdate()
    .executeTakeFirstOrThrow();
  return version;
}

async function writeDesired(database: Database, deviceId: string, desired: Values, by: string): Promise<number> {
  const { version } = await database
    .updateTable('configurations')
    .set({
      desired: JSON.stringify(desired),
      version: sql`version + 1`,
      desired_at: sql<Date>`now()`,
      desired_by: by,
      sent_at: null,
    })
    .where('device_id', '=', deviceId)
    .returning('version')
    .executeTakeFirstOrThrow();
  return version;
}

export interface BehindDevice {
  readonly tenantId: string;
  readonly deviceId: string;
  readonly hubId: string;
  readonly epoch: number;
  readonly version: number;
  readonly desired: Record<string, FixValue>;
}

/** Connected houses that have not what they should, and were not told on this connection lately; they count as told now. */
export async function takeBehindDevices(database: Database, resendMs: number, limit: number): Promise<BehindDevice[]> {
  const { rows } = await sql<BehindDevice>`
    with behind as (
      select configurations.device_id, presence.hub_id, presence.epoch
      from configurations join presence on presence.device_id = configurations.device_id and presence.connected
      where configurations.version > configurations.reported_version
        and (configurations.sent_at is null or configurations.sent_epoch is distinct from presence.epoch
          or configurations.sent_at < now() - make_interval(secs => ${resendMs / 1000}))
      limit ${limit} for update of configurations skip locked)
    update configurations set sent_at = now(), sent_epoch = behind.epoch
    from behind where configurations.device_id = behind.device_id
    returning configurations.tenant_id as "tenantId", configurations.device_id as "deviceId", behind.hub_id as "hubId",
      behind.epoch, configurations.version, configurations.desired`.execute(database);
  return rows;
}

export interface ReportedConfiguration {
  readonly deviceId: string;
  readonly messageId: number;
  readonly version: number;
  readonly values: Values;
}

/** Stores what houses say they have; returns those whose words changed something. */
export async function storeReported(
  database: Database,
  reports: readonly ReportedConfiguration[],
): Promise<{ tenantId: string; deviceId: string }[]> {
  // Of one house only the last counts: two rows for one key are too much for one statement.
  const last = [
    ...new Map(reports.toSorted((a, b) => a.messageId - b.messageId).map((one) => [one.deviceId, one])).values(),
  ];
  const { rows } = await sql<{ tenantId: string; deviceId: string }>`
    insert into configurations as known (device_id, tenant_id, reported, reported_version, reported_at, reported_message)
    -- A house can't say that it has what nobody desired.
    select devices.id, devices.tenant_id, told.reported, least(told.version, coalesce(mine.version, 0)), now(), told.message
    from unnest(${last.map(({ deviceId }) => deviceId)}::uuid[], ${last.map(({ values }) => JSON.stringify(values))}::jsonb[],
      ${last.map(({ version }) => version)}::bigint[], ${last.map(({ messageId }) => messageId)}::bigint[])
      as told(device_id, reported, version, message)
    join devices on devices.id = told.device_id left join configurations as mine on mine.device_id = devices.id
    order by devices.id
    on conflict (device_id) do update set reported = excluded.reported, reported_at = now(),
      reported_version = least(excluded.reported_version, known.version), reported_message = excluded.reported_message
    where known.reported_message < excluded.reported_message
      or excluded.reported_version > known.reported_version
    returning tenant_id as "tenantId", device_id as "deviceId"`.execute(database);
  return rows;
}
