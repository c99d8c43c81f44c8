/** What runs where: versions of one part with how many houses run each, houses by what they run, and the bill of one. */
import { sql, type RawBuilder } from 'kysely';
import type { DeviceSoftware, DeviceSoftwareDetail, listSoftwareVersions as contract, Result } from '@lovely/api';
import type { DeviceScope } from '../domain/device-scope.ts';
import { LovelyError } from '../errors.ts';
import { SOFTWARE_KEYS_SHOWN_MAX, SOFTWARE_VERSIONS_SHOWN_MAX } from '../software-limits.ts';
import { ID, type Page } from './cursor.ts';
import { inGroup, withinScope } from './device-filter.ts';
import { getDeviceGroup } from './groups.ts';
import type { Database } from './store.ts';

export interface SoftwareOf {
  readonly key: string;
  readonly deviceType?: string | undefined;
  readonly groupId?: string | undefined;
}

/** What gateways told; else what their inventory says of the release. */
const PROVIDES = sql<Record<string, string>>`coalesce(software.provides, jsonb_strip_nulls(jsonb_build_object(
  'device_type', devices.inventory ->> 'device_type', 'artifact_name', devices.inventory ->> 'artifact_name')))`;

async function conditionsOf(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { deviceType, groupId }: Pick<SoftwareOf, 'deviceType' | 'groupId'>,
): Promise<RawBuilder<unknown>[]> {
  return [
    sql`devices.tenant_id = ${tenantId} and devices.status = 'accepted'`,
    withinScope(scope),
    ...(deviceType === undefined ? [] : [sql`${PROVIDES} ->> 'device_type' = ${deviceType}`]),
    ...(groupId === undefined ? [] : [inGroup(await getDeviceGroup(database, tenantId, groupId))]),
  ];
}

/** Throws 'not-found' for a group that there isn't. */
export async function listVersions(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  of: SoftwareOf,
): Promise<Result<typeof contract>> {
  const conditions = sql.join(await conditionsOf(database, tenantId, scope, of), sql` and `);
  const { rows } = await sql<{ value: string | null; deviceType: string | null; houses: number; drifting: number }>`
    select ${PROVIDES} ->> ${of.key} as value, ${PROVIDES} ->> 'device_type' as "deviceType", count(*)::int as houses,
      (count(*) filter (where software.drifts))::int as drifting
    from devices left join device_software as software on software.device_id = devices.id
    where ${conditions} group by 1, 2 order by 3 desc, 1, 2`.execute(database);
  const { rows: keys } = await sql<{ key: string }>`
    select distinct jsonb_object_keys(provides) as key from (
      select distinct on (software.digest) software.provides from device_software as software
      ${scope.kind === 'all' ? sql`` : sql`join devices on devices.id = software.device_id and ${withinScope(scope)}`}
      where software.tenant_id = ${tenantId} limit ${SOFTWARE_VERSIONS_SHOWN_MAX}) as kinds
    order by 1 limit ${SOFTWARE_KEYS_SHOWN_MAX}`.execute(database);
  const sum = (of: readonly { houses: number }[]): number => of.reduce((total, { houses }) => total + houses, 0);
  return {
    items: rows.slice(0, SOFTWARE_VERSIONS_SHOWN_MAX),
    others: sum(rows.slice(SOFTWARE_VERSIONS_SHOWN_MAX)),
    houses: sum(rows),
    drifting: rows.reduce((total, { drifting }) => total + drifting, 0),
    keys: keys.map(({ key }) => key),
    deviceTypes: [...new Set(rows.flatMap(({ deviceType }) => (deviceType === null ? [] : [deviceType])))].toSorted(),
  };
}

interface Row {
  readonly deviceId: string;
  readonly deviceName: string;
  readonly connected: boolean;
  readonly provides: Record<string, string>;
  readonly expected: Record<string, string> | null;
  readonly toldBy: 'client' | 'inventory' | null;
  readonly toldAt: Date | null;
  readonly changedAt: Date | null;
  readonly deployment: { id: string; name: string } | null;
}

const COLUMNS = sql`devices.id as "deviceId", devices.name as "deviceName", coalesce(presence.connected, false) as connected,
  ${PROVIDES} as provides, software.expected,
  coalesce(software.told_by, case when devices.inventory ? 'artifact_name' then 'inventory' end) as "toldBy",
  coalesce(software.told_at, case when devices.inventory ? 'artifact_name' then devices.inventory_at end) as "toldAt",
  software.changed_at as "changedAt",
  case when deployments.id is null then null
    else jsonb_build_object('id', deployments.id, 'name', deployments.name) end as deployment`;
const TABLES = sql`devices left join presence on presence.device_id = devices.id
  left join device_software as software on software.device_id = devices.id
  left join deployments on deployments.id = software.deployment_id`;

/** In the order of their ids. Throws 'not-found' for a group that there isn't, 'bad-input' for a cursor of others. */
export async function listSoftwareDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  query: SoftwareOf & {
    readonly value?: string | undefined;
    readonly not?: string | undefined;
    readonly drifting?: boolean | undefined;
    readonly cursor?: string | undefined;
    readonly limit: number;
  },
): Promise<Page<DeviceSoftware>> {
  const { key, value, not, drifting, cursor, limit } = query;
  const conditions = await conditionsOf(database, tenantId, scope, query);
  if (value !== undefined) conditions.push(sql`${PROVIDES} ->> ${key} = ${value}`);
  if (not !== undefined) conditions.push(sql`${PROVIDES} ->> ${key} is distinct from ${not}`);
  if (drifting !== undefined) conditions.push(sql`coalesce(software.drifts, false) = ${drifting}`);
  if (cursor !== undefined) conditions.push(sql`devices.id > ${decode(cursor)}::uuid`);
  const { rows } = await sql<Row>`select ${COLUMNS} from ${TABLES}
    where ${sql.join(conditions, sql` and `)} order by devices.id limit ${limit + 1}`.execute(database);
  const page = rows.slice(0, limit);
  const last = rows.length > limit ? page.at(-1) : undefined;
  return { items: page.map(toSoftware), next: last ? Buffer.from(last.deviceId).toString('base64url') : null };
}

function decode(cursor: string): string {
  const id = Buffer.from(cursor, 'base64url').toString();
  if (ID.test(id)) return id;
  throw new LovelyError('bad-input', 'The cursor is not one of ours; start again without it.', { pointer: '/cursor' });
}

function toSoftware({ provides, expected, toldAt, changedAt, ...row }: Row): DeviceSoftware {
  const should = expected ?? {};
  return {
    ...row,
    deviceType: provides.device_type ?? null,
    artifactName: provides.artifact_name ?? null,
    provides,
    toldAt: toldAt?.toISOString() ?? null,
    changedAt: changedAt?.toISOString() ?? null,
    expected: should,
    drift: Object.entries(should)
      .filter(([key, value]) => provides[key] !== value)
      .map(([key, value]) => ({ key, expected: value, actual: provides[key] ?? null })),
  };
}

/** What of an inventory tells of software. */
const SOFTWARE_ATTRIBUTE = /(version|kernel|^os$|firmware|software|release|image|package|bootloader|client)/i;

/** Throws 'not-found'. */
export async function getDeviceSoftware(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  deviceId: string,
): Promise<DeviceSoftwareDetail> {
  const { rows } = await sql<Row & { inventory: Record<string, string | string[]>; client: string | null }>`
    select ${COLUMNS}, devices.inventory, devices.client from ${TABLES}
    where devices.tenant_id = ${tenantId} and devices.id = ${deviceId} and ${withinScope(scope)}`.execute(database);
  if (!rows[0]) throw new LovelyError('not-found');
  const { inventory, client, ...row } = rows[0];
  const software = toSoftware(row);
  const { rows: sensors } = await sql<{ id: string; name: string; model: string; firmware: string }>`
    select id, name, model, firmware from sensors
    where device_id = ${deviceId} and removed_at is null and firmware <> '' order by id`.execute(database);
  const ofGateway = { source: '', sourceName: '' };
  const own = client === null ? {} : { [CLIENT]: client };
  return {
    ...software,
    bill: [
      ...Object.entries(software.provides)
        .filter(([name]) => name !== 'device_type')
        .map(([name, version]) => ({ ...ofGateway, name, version, from: 'provides' as const })),
      ...Object.entries({ ...own, ...inventory })
        .filter(
          ([name]) => (name === CLIENT || SOFTWARE_ATTRIBUTE.test(name)) && !Object.hasOwn(software.provides, name),
        )
        .map(([name, value]) => ({
          ...ofGateway,
          name,
          version: [value].flat().join(', '),
          from: 'inventory' as const,
        })),
      ...sensors.map(({ id, name, model, firmware }) => ({
        source: id,
        sourceName: name,
        name: model,
        version: firmware,
        from: 'sensor' as const,
      })),
    ],
  };
}

const CLIENT = 'client';
