/** Deployments as Mender's tools ask for them: numbered pages, with how many there are. */
import { sql, type RawBuilder } from 'kysely';
import type { DeploymentDeviceState, LogLine } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';

interface Page {
  readonly page: number;
  readonly perPage: number;
}

export interface MenderDeploymentFilter {
  readonly scope: DeviceScope;
  readonly status?: 'scheduled' | 'pending' | 'inprogress' | 'finished' | undefined;
  readonly kind?: 'software' | 'configuration' | undefined;
  /** Part of its name or of its artifact's. */
  readonly search?: string | undefined;
  readonly name?: string | undefined;
  readonly ids?: readonly string[] | undefined;
  readonly createdAfter?: Date | undefined;
  readonly createdBefore?: Date | undefined;
  readonly order: 'asc' | 'desc';
}

/** Ids of one page, by the time when they were made. */
export async function searchDeploymentIds(
  database: Database,
  tenantId: string,
  filter: MenderDeploymentFilter,
  { page, perPage }: Page,
): Promise<{ ids: string[]; total: number }> {
  const { status, kind, search, name, ids, createdAfter, createdBefore, scope, order } = filter;
  const conditions: RawBuilder<unknown>[] = [sql`deployments.tenant_id = ${tenantId}`];
  if (status) conditions.push(STATUS[status]);
  if (kind) conditions.push(sql`deployments.kind = ${kind}`);
  if (search) {
    const pattern = `%${search.replaceAll(/[\\%_]/g, '\\$&')}%`;
    conditions.push(sql`(deployments.name ilike ${pattern} or deployments.artifact_name ilike ${pattern})`);
  }
  if (name) conditions.push(sql`deployments.name = ${name}`);
  if (ids) conditions.push(sql`deployments.id = any(${[...ids]}::uuid[])`);
  if (createdAfter) conditions.push(sql`deployments.created_at >= ${createdAfter}`);
  if (createdBefore) conditions.push(sql`deployments.created_at < ${createdBefore}`);
  // Whoever may see some houses only sees the deployments that one of them is in.
  if (scope.kind === 'some')
    conditions.push(sql`exists (select from deployment_devices as member join devices on devices.id = member.device_id
      where member.deployment_id = deployments.id and ${withinScope(scope)})`);
  const where = sql.join(conditions, sql` and `);
  const direction = sql.raw(order);
  const { rows } = await sql<{ id: string; total: number }>`
    select id, count(*) over () as total from deployments where ${where}
    order by created_at ${direction}, id ${direction} limit ${perPage} offset ${(page - 1) * perPage}`.execute(
    database,
  );
  if (rows.length > 0 || page === 1) return { ids: rows.map(({ id }) => id), total: Number(rows[0]?.total ?? 0) };
  const counted = await sql<{ total: number }>`select count(*) as total from deployments where ${where}`.execute(
    database,
  );
  return { ids: [], total: Number(counted.rows[0]!.total) };
}

const HAS_BEGUN = sql`exists (select from deployment_devices as member
  where member.deployment_id = deployments.id and member.state <> 'pending')`;
const STATUS = {
  finished: sql`deployments.ended_at is not null`,
  scheduled: sql`deployments.ended_at is null and deployments.state = 'scheduled'`,
  pending: sql`deployments.ended_at is null and deployments.state <> 'scheduled' and not ${HAS_BEGUN}`,
  inprogress: sql`deployments.ended_at is null and deployments.state <> 'scheduled' and ${HAS_BEGUN}`,
};

export interface MenderDeploymentDevice {
  readonly deploymentId: string;
  readonly deviceId: string;
  readonly state: DeploymentDeviceState;
  readonly substate: string;
  readonly attempt: number;
  readonly artifactId: string | null;
  readonly bytes: number | null;
  readonly deviceType: string | null;
  readonly hasLog: boolean;
  readonly createdAt: Date;
  readonly beganAt: Date | null;
  readonly finishedAt: Date | null;
}

export interface MenderDeviceFilter {
  readonly scope: DeviceScope;
  readonly deploymentId?: string | undefined;
  readonly deviceId?: string | undefined;
  readonly states?: readonly DeploymentDeviceState[] | undefined;
}

/** Devices of a deployment, or deployments of a device, newest first. */
export async function listMenderDeploymentDevices(
  database: Database,
  tenantId: string,
  { scope, deploymentId, deviceId, states }: MenderDeviceFilter,
  { page, perPage }: Page,
): Promise<{ items: MenderDeploymentDevice[]; total: number }> {
  const conditions: RawBuilder<unknown>[] = [sql`member.tenant_id = ${tenantId}`, withinScope(scope)];
  if (deploymentId) conditions.push(sql`member.deployment_id = ${deploymentId}`);
  if (deviceId) conditions.push(sql`member.device_id = ${deviceId}`);
  if (states) conditions.push(sql`member.state = any(${[...states]}::text[])`);
  const from = sql`deployment_devices as member
    join devices on devices.id = member.device_id join deployments on deployments.id = member.deployment_id
    where ${sql.join(conditions, sql` and `)}`;
  const counted = await sql<{ total: number }>`select count(*) as total from ${from}`.execute(database);
  const { rows } = await sql<MenderDeploymentDevice>`
    select member.deployment_id as "deploymentId", member.device_id as "deviceId", member.state, member.substate,
      member.attempt, member.artifact_id as "artifactId", member.bytes,
      coalesce(device_software.device_type, devices.inventory ->> 'device_type') as "deviceType",
      exists (select from deployment_logs as log where log.deployment_id = member.deployment_id
        and log.device_id = member.device_id) as "hasLog",
      deployments.created_at as "createdAt", member.began_at as "beganAt", member.finished_at as "finishedAt"
    from (select member.*, deployments.created_at as made from ${from}
      order by deployments.created_at desc, member.device_id limit ${perPage} offset ${(page - 1) * perPage}) as member
    join devices on devices.id = member.device_id join deployments on deployments.id = member.deployment_id
    left join device_software on device_software.device_id = member.device_id
    order by member.made desc, member.device_id`.execute(database);
  return { items: rows, total: Number(counted.rows[0]!.total) };
}

/** All devices of a deployment that may be seen. */
export async function listDeploymentDeviceIds(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  deploymentId: string,
): Promise<string[]> {
  const { rows } = await sql<{ id: string }>`
    select devices.id from deployment_devices as member join devices on devices.id = member.device_id
    where member.tenant_id = ${tenantId} and member.deployment_id = ${deploymentId} and ${withinScope(scope)}
    order by devices.id`.execute(database);
  return rows.map(({ id }) => id);
}

/** Deployments in which the device is not through. */
export async function listOpenDeploymentIds(database: Database, tenantId: string, deviceId: string): Promise<string[]> {
  const rows = await database
    .selectFrom('deployment_devices')
    .select('deployment_id')
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .where('finished_at', 'is', null)
    .orderBy('deployment_id')
    .execute();
  return rows.map((row) => row.deployment_id);
}

/** All that is kept of what the device wrote, oldest first. */
export async function readLog(database: Database, deploymentId: string, deviceId: string): Promise<LogLine[]> {
  const rows = await database
    .selectFrom('deployment_logs')
    .select('lines')
    .where('deployment_id', '=', deploymentId)
    .where('device_id', '=', deviceId)
    .orderBy('attempt')
    .orderBy('message_id')
    .execute();
  return rows.flatMap(({ lines }) => lines);
}

/** The type of a device that asks for its deployments; undefined for one that is told of them, or has never asked. */
export async function findPollingType(
  database: Database,
  tenantId: string,
  deviceId: string,
): Promise<string | undefined> {
  const row = await database
    .selectFrom('device_software')
    .select(['device_type', 'is_live'])
    .where('tenant_id', '=', tenantId)
    .where('device_id', '=', deviceId)
    .executeTakeFirst();
  return row && !row.is_live ? (row.device_type ?? undefined) : undefined;
}
