/** Whom the notification policies of a tenant can reach, and what people are told for themselves. */
import { sql } from 'kysely';
import type { AlertMatch, QuietHours } from '@lovely/api';
import type { Directory, DirectoryPerson, DirectoryWebhook } from '../domain/audience.ts';
import type { DeviceGroup } from '../domain/device-scope.ts';
import { deviceGroup } from './groups.ts';
import type { Database } from './store.ts';

export interface Subscriber {
  readonly userId: string;
  readonly match: AlertMatch;
  readonly tellsResolved: boolean;
}

export async function loadDirectory(database: Database, tenantId: string): Promise<Directory> {
  const { rows: people } = await sql<DirectoryPerson>`
    select users.id, users.email, users.name, users.disabled_at is not null as "isDisabled",
      array(select role_id from grants where grants.user_id = users.id) as "roleIds", subscriptions.quiet_hours as "quietHours"
    from users left join subscriptions on subscriptions.user_id = users.id
    where users.tenant_id = ${tenantId} order by lower(users.name), users.id`.execute(database);
  const { rows: webhooks } = await sql<DirectoryWebhook>`
    select id, name, enabled, 'alert.notified' = any(events) as listens from webhooks where tenant_id = ${tenantId}`.execute(
    database,
  );
  const { rows: stopped } = await sql<{ address: string }>`
    select address from notification_addresses where tenant_id = ${tenantId} and stopped_at is not null`.execute(
    database,
  );
  return { people, webhooks, stopped: new Set(stopped.map(({ address }) => address)) };
}

/** Who wants to be told anything for themselves; nobody whose account is disabled. */
export async function listSubscribers(database: Database, tenantId: string): Promise<Subscriber[]> {
  const { rows } = await sql<Subscriber>`
    select user_id as "userId", match, tells_resolved as "tellsResolved" from subscriptions
    join users on users.id = subscriptions.user_id
    where subscriptions.tenant_id = ${tenantId} and subscriptions.enabled and users.disabled_at is null`.execute(
    database,
  );
  return rows;
}

/** What a subscription was when its message is written; undefined when it ended meanwhile. */
export async function findSubscriber(
  database: Database,
  tenantId: string,
  userId: string,
): Promise<(Subscriber & { readonly quietHours: QuietHours | null }) | undefined> {
  const { rows } = await sql<Subscriber & { quietHours: QuietHours | null }>`
    select user_id as "userId", match, tells_resolved as "tellsResolved", quiet_hours as "quietHours" from subscriptions
    where tenant_id = ${tenantId} and user_id = ${userId} and enabled`.execute(database);
  return rows[0];
}

/** Those of the groups that there are, as what decides who is in them. */
export async function loadGroups(database: Database, tenantId: string, ids: readonly string[]): Promise<DeviceGroup[]> {
  if (ids.length === 0) return [];
  const rows = await database
    .selectFrom('groups')
    .select(['id', 'filter'])
    .where('tenant_id', '=', tenantId)
    .where('id', 'in', [...new Set(ids)])
    .execute();
  return rows.map(deviceGroup);
}
