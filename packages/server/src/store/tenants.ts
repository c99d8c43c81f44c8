/** Tenants, and what they may use and use. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { OwnTenant, Tenant, TenantLimits, TenantSettings } from '@lovely/api';
import { ALL_DEVICES, type DeviceScope } from '../domain/device-scope.ts';
import type * as stored from '../domain/tenant.ts';
import { LovelyError } from '../errors.ts';
import { ALERT_REOPEN_MINUTES_DEFAULT, AUDIT_RETENTION_DAYS_DEFAULT } from '../limits.ts';
import type { Page } from './cursor.ts';
import { insertDeletedTenant } from './deleted-tenants.ts';
import { withinScope } from './device-filter.ts';
import { addDefaultFixes } from './fixes.ts';
import { addDefaultRules } from './rules.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** The tenant that a system starts with; made once, also when several processes start together. */
export async function ensureFirstTenant(database: Database): Promise<{ id: string; name: string }> {
  await sql`insert into tenants (id, name) select gen_random_uuid(), 'Home' where not exists (select from tenants)
    on conflict (name) do nothing`.execute(database);
  const tenant = await database
    .selectFrom('tenants')
    .select(['id', 'name'])
    .orderBy('created_at')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
  await addDefaultRules(database);
  await addDefaultFixes(database);
  return tenant;
}

/** A page of tenants by name. */
export async function listTenants(
  database: Database,
  { search, cursor, limit }: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<Tenant>> {
  let query = database
    .selectFrom('tenants')
    .selectAll()
    .orderBy('name')
    .limit(limit + 1);
  if (search) query = query.where('name', 'ilike', `%${search.replace(/[\\%_]/g, '\\$&')}%`);
  // Names are unique.
  if (cursor) query = query.where('name', '>', Buffer.from(cursor, 'base64url').toString().replaceAll('\0', ''));
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const items = await withUsage(database, page);
  const last = page.at(-1);
  return { items, next: rows.length > limit && last ? Buffer.from(last.name).toString('base64url') : null };
}

/** Throws 'not-found'. */
export async function getTenant(database: Database, id: string): Promise<Tenant> {
  const [tenant] = await withUsage(database, [await findRow(database, id)]);
  return tenant!;
}

/** A tenant as its own people see it. Throws 'not-found'. @param scope of the devices that are counted */
export async function getOwnTenant(
  database: Database,
  id: string,
  scope: DeviceScope = ALL_DEVICES,
): Promise<OwnTenant> {
  const row = await findRow(database, id);
  const [tenant] = await withUsage(database, [row], scope);
  return { ...tenant!, settings: settingsOf(row.settings) };
}

/** What a tenant may use; undefined when there is no such tenant. */
export async function findTenantLimits(database: Database, id: string): Promise<TenantLimits | undefined> {
  const row = await database.selectFrom('tenants').select('limits').where('id', '=', id).executeTakeFirst();
  return row && limitsOf(row.limits);
}

/** Some members of T, as a body has them. */
type Some<T> = { readonly [K in keyof T]?: T[K] | undefined };

/** Makes a tenant with the default rules. Throws 'tenant-exists'. */
export async function insertTenant(
  database: Database,
  { name, limits }: { name: string; limits: Some<TenantLimits> },
): Promise<Tenant> {
  return await inTransaction(database, async (transaction) => {
    const id = randomUUID();
    const { numInsertedOrUpdatedRows } = await transaction
      .insertInto('tenants')
      .values({ id, name, limits: JSON.stringify(withoutNulls(limits)) })
      .onConflict((conflict) => conflict.column('name').doNothing())
      .executeTakeFirst();
    if (numInsertedOrUpdatedRows === 0n) throw new LovelyError('tenant-exists');
    await addDefaultRules(transaction, id);
    await addDefaultFixes(transaction, id);
    return await getTenant(transaction, id);
  });
}

export interface TenantPatch {
  readonly name?: string | undefined;
  readonly limits?: Some<TenantLimits> | undefined;
  readonly settings?: Some<TenantSettings> | undefined;
}

/** Changes a tenant; what the patch doesn't name stays. Throws 'not-found', 'changed-meanwhile' or 'tenant-exists'. */
export async function updateTenant(
  database: Database,
  id: string,
  patch: TenantPatch,
  ifVersion?: number,
): Promise<void> {
  await inTransaction(database, async (transaction) => {
    const before = await transaction
      .selectFrom('tenants')
      .select(['name', 'limits', 'settings', 'version'])
      .where('id', '=', id)
      .forNoKeyUpdate()
      .executeTakeFirst();
    if (!before) throw new LovelyError('not-found');
    if (ifVersion !== undefined && before.version !== ifVersion) throw new LovelyError('changed-meanwhile');
    const { name = before.name } = patch;
    const taken = await transaction
      .selectFrom('tenants')
      .select('id')
      .where('name', '=', name)
      .where('id', '!=', id)
      .executeTakeFirst();
    if (taken) throw new LovelyError('tenant-exists');
    await transaction
      .updateTable('tenants')
      .set({
        name,
        limits: JSON.stringify(withoutNulls({ ...before.limits, ...patch.limits })),
        settings: JSON.stringify({ ...before.settings, ...patch.settings }),
        version: sql`version + 1`,
      })
      .where('id', '=', id)
      .execute();
  });
}

/** Deletes a tenant with everything of it; the tokens of its devices are void. Throws 'not-found'. */
export async function deleteTenant(database: Database, id: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    await insertDeletedTenant(transaction, id);
    // These have no reference to their tenant, as they are written thousands of times a second.
    for (const table of ['status_values', 'alert_messages'] as const)
      await transaction.deleteFrom(table).where('tenant_id', '=', id).execute();
    const { numDeletedRows } = await transaction.deleteFrom('tenants').where('id', '=', id).executeTakeFirst();
    if (numDeletedRows === 0n) throw new LovelyError('not-found');
  });
}

async function findRow(database: Database, id: string) {
  const row = await database.selectFrom('tenants').selectAll().where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return row;
}

type TenantRow = Awaited<ReturnType<typeof findRow>>;

/** Counts what all of them use in one statement. */
async function withUsage(
  database: Database,
  rows: readonly TenantRow[],
  scope: DeviceScope = ALL_DEVICES,
): Promise<Tenant[]> {
  if (rows.length === 0) return [];
  const ids = rows.map((row) => row.id);
  const counted = await sql<Tenant['usage'] & { id: string }>`
    select tenants.id,
      coalesce(of_devices.devices, 0)::int as devices, coalesce(of_devices.pending, 0)::int as pending,
      coalesce(of_devices.connected, 0)::int as connected,
      (select count(*) from users where users.tenant_id = tenants.id)::int as users,
      (select coalesce(sum(bytes), 0) from artifacts where artifacts.tenant_id = tenants.id)::bigint
        + (select coalesce(sum(bytes), 0) from uploads where uploads.tenant_id = tenants.id
            and (state in ('arriving', 'making', 'storing') or (kind = 'file' and state = 'done')))::bigint as "storageBytes"
    from tenants left join (
      select devices.tenant_id, count(*) filter (where devices.status in ('accepted', 'preauthorized')) as devices,
        count(*) filter (where devices.status = 'pending') as pending,
        count(*) filter (where presence.connected) as connected
      from devices left join presence on presence.device_id = devices.id
      where devices.tenant_id = any(${ids}::uuid[]) and ${withinScope(scope)} group by devices.tenant_id) as of_devices on of_devices.tenant_id = tenants.id
    where tenants.id = any(${ids}::uuid[])`.execute(database);
  const usages = new Map(counted.rows.map(({ id, ...usage }) => [id, usage]));
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    limits: limitsOf(row.limits),
    usage: usages.get(row.id)!,
    createdAt: row.created_at.toISOString(),
    version: row.version,
  }));
}

function limitsOf(limits: stored.TenantLimits): TenantLimits {
  return {
    devices: limits.devices ?? null,
    messagesPerSecond: limits.messagesPerSecond ?? null,
    storageBytes: limits.storageBytes ?? null,
  };
}

function settingsOf(settings: stored.TenantSettings): TenantSettings {
  return {
    timeZone: settings.timeZone ?? 'UTC',
    requireSecondFactor: settings.requireSecondFactor ?? false,
    auditRetentionDays: settings.auditRetentionDays ?? AUDIT_RETENTION_DAYS_DEFAULT,
    alertReopenMinutes: settings.alertReopenMinutes ?? ALERT_REOPEN_MINUTES_DEFAULT,
    requireSignedArtifacts: settings.requireSignedArtifacts ?? false,
  };
}

/** In the table a limit that is missing is none. */
function withoutNulls(limits: object): object {
  return Object.fromEntries(Object.entries(limits).filter(([, value]) => value !== null && value !== undefined));
}
