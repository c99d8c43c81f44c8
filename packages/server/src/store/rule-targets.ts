/** Which houses a rule is for. */
import { sql, type RawBuilder } from 'kysely';
import type { Device, RuleOf, RuleTarget } from '@lovely/api';
import type { DeviceGroup, DeviceScope } from '../domain/device-scope.ts';
import type { Rule } from '../domain/rule.ts';
import { LovelyError } from '../errors.ts';
import { FILTER_SAMPLE_DEVICES } from '../limits.ts';
import { inGroup, withinScope } from './device-filter.ts';
import { listDevices } from './devices.ts';
import { deviceGroup } from './groups.ts';
import type { Database } from './store.ts';

/** Of whatever a target names, one is enough; a target that names nothing is every house. */
export function isEveryHouse({ deviceTypes, groupIds, deviceIds }: RuleTarget): boolean {
  return deviceTypes.length + groupIds.length + deviceIds.length === 0;
}

/** Throws 'bad-input' where a target names groups or houses that the tenant doesn't have. */
export async function checkTarget(database: Database, tenantId: string, target: RuleTarget): Promise<void> {
  const groups = await findGroups(database, tenantId, [target]);
  if (target.groupIds.some((id) => !groups.has(id.toLowerCase())))
    throw new LovelyError('bad-input', 'There is no such group among these.', { pointer: '/target/groupIds' });
  const wanted = [...new Set(target.deviceIds.map((id) => id.toLowerCase()))];
  const { rows } = await sql<{ id: string }>`
    select id from devices where tenant_id = ${tenantId} and id = any(${wanted}::uuid[])`.execute(database);
  if (rows.length < wanted.length)
    throw new LovelyError('bad-input', 'There is no such house among these.', { pointer: '/target/deviceIds' });
}

/** The groups that targets name and that there are. */
async function findGroups(
  database: Database,
  tenantId: string,
  targets: readonly RuleTarget[],
): Promise<Map<string, DeviceGroup>> {
  const ids = [...new Set(targets.flatMap((target) => target.groupIds))];
  if (ids.length === 0) return new Map();
  const rows = await database
    .selectFrom('groups')
    .select(['id', 'filter'])
    .where('tenant_id', '=', tenantId)
    .where(sql<boolean>`id = any(${ids}::uuid[])`)
    .execute();
  return new Map(rows.map((row) => [row.id, deviceGroup(row)]));
}

/** The condition on a row of `devices`. */
export async function inTarget(database: Database, tenantId: string, target: RuleTarget): Promise<RawBuilder<boolean>> {
  if (isEveryHouse(target)) return sql<boolean>`true`;
  const groups = await findGroups(database, tenantId, [target]);
  return sql<boolean>`(${sql.join(
    [
      sql`devices.id = any(${target.deviceIds}::uuid[])`,
      sql`devices.inventory ->> 'device_type' = any(${target.deviceTypes}::text[])`,
      ...[...groups.values()].map(inGroup),
    ],
    sql` or `,
  )})`;
}

/** For each of these devices, the keys of those of these rules whose target it is in. */
export async function rulesByDevice(
  database: Database,
  tenantId: string,
  rules: readonly Pick<Rule, 'key' | 'target'>[],
  deviceIds: readonly string[],
): Promise<Map<string, ReadonlySet<string>>> {
  const conditions = await Promise.all(rules.map((rule) => inTarget(database, tenantId, rule.target)));
  if (conditions.length === 0) return new Map();
  const { rows } = await sql<{ id: string; isIn: (boolean | null)[] }>`
    select id, array[${sql.join(conditions)}] as "isIn" from devices
    where tenant_id = ${tenantId} and id = any(${[...deviceIds]}::uuid[])`.execute(database);
  return new Map(
    rows.map(({ id, isIn }) => [id, new Set(rules.filter((_, at) => isIn[at] === true).map((rule) => rule.key))]),
  );
}

/** A page of the accepted devices that a rule is for, by id. */
export async function listTargetDevices(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { of, target }: { readonly of: RuleOf; readonly target: RuleTarget },
  { after, limit }: { readonly after?: string | undefined; readonly limit: number },
): Promise<{ id: string; name: string }[]> {
  const { rows } = await sql<{ id: string; name: string }>`
    select id, name from devices
    where tenant_id = ${tenantId} and status = 'accepted' and ${withinScope(scope)}
      and ${await inTarget(database, tenantId, target)} and ${hasSubject(of)}
      and ${after === undefined ? sql`true` : sql`id > ${after}::uuid`}
    order by id limit ${limit}`.execute(database);
  return rows;
}

/** How many houses of the scope a rule reaches, how many of their sensors, and some of them. */
export async function previewTarget(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  { of, target }: { readonly of: RuleOf; readonly target: RuleTarget },
): Promise<{ devices: number; sensors: number | null; sample: Device[] }> {
  const condition = sql<boolean>`devices.status = 'accepted' and ${await inTarget(database, tenantId, target)} and ${hasSubject(of)}`;
  const { rows } = await sql<{ devices: number; ids: string[] }>`
    with reached as materialized (
      select id, created_at from devices where tenant_id = ${tenantId} and ${withinScope(scope)} and ${condition})
    select count(*)::int as devices,
      array(select id from reached order by created_at desc, id desc limit ${FILTER_SAMPLE_DEVICES}) as ids from reached`.execute(
    database,
  );
  const { devices, ids } = rows[0]!;
  const sensors =
    of.kind === 'sensors'
      ? await sql<{ count: number }>`
          select count(*)::int as count from sensors join devices on devices.id = sensors.device_id
          where devices.tenant_id = ${tenantId} and ${withinScope(scope)} and ${condition} and ${isSubject(of)}`.execute(
          database,
        )
      : undefined;
  const { items } =
    ids.length > 0 ? await listDevices(database, tenantId, scope, { ids, limit: ids.length }) : { items: [] };
  return { devices, sensors: sensors?.rows[0]!.count ?? null, sample: items };
}

export interface RuleSensor {
  readonly id: string;
  readonly kind: string;
  readonly model: string;
  readonly name: string;
}

/** The sensors of these devices that a rule looks at; none for a rule of gateways. */
export async function listRuleSensors(
  database: Database,
  tenantId: string,
  of: RuleOf,
  deviceIds: readonly string[],
): Promise<Map<string, RuleSensor[]>> {
  if (of.kind === 'gateway') return new Map();
  const { rows } = await sql<RuleSensor & { deviceId: string }>`
    select device_id as "deviceId", id, kind, model, name from sensors
    where tenant_id = ${tenantId} and device_id = any(${[...deviceIds]}::uuid[]) and ${isSubject(of)}`.execute(
    database,
  );
  return Map.groupBy(rows, ({ deviceId }) => deviceId);
}

/** Whether a row of `sensors` is one that a rule looks at. */
function isSubject({ kinds, models }: Extract<RuleOf, { kind: 'sensors' }>): RawBuilder<boolean> {
  return sql<boolean>`(sensors.removed_at is null
    and ${kinds.length === 0 ? sql`true` : sql`sensors.kind = any(${kinds}::text[])`}
    and ${models.length === 0 ? sql`true` : sql`sensors.model = any(${models}::text[])`})`;
}

/** Whether a row of `devices` has anything that a rule looks at. */
function hasSubject(of: RuleOf): RawBuilder<boolean> {
  if (of.kind === 'gateway') return sql<boolean>`true`;
  return sql<boolean>`exists (select from sensors where sensors.device_id = devices.id and ${isSubject(of)})`;
}
