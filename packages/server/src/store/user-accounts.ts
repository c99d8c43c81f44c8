/** Users as those see and change them who look after people. */
import { sql } from 'kysely';
import type { Grant, UserAccount } from '@lovely/api';
import { LovelyError } from '../errors.ts';
import { decodeCursor, encodeCursor, type Page } from './cursor.ts';
import { replaceGrants } from './grants.ts';
import type { Database } from './store.ts';
import { isVersion, refuseStale } from './version.ts';

const selectAccounts = (database: Database, tenantId: string) =>
  database
    .selectFrom('users')
    .select([
      'id',
      'email',
      'name',
      'disabled_at as disabledAt',
      'last_login_at as lastLoginAt',
      'created_at as createdAt',
      'version',
      sql<string>`created_at::text`.as('at'),
      sql<boolean>`exists (select from totp_secrets where user_id = users.id and active_since is not null)
        or exists (select from passkeys where user_id = users.id)`.as('hasSecondFactor'),
      sql<
        Grant[]
      >`coalesce((select jsonb_agg(jsonb_build_object('roleId', role_id, 'groupIds', group_ids) order by role_id)
        from grants where user_id = users.id), '[]')`.as('grants'),
    ])
    .where('tenant_id', '=', tenantId);

type AccountRow = Awaited<ReturnType<ReturnType<typeof selectAccounts>['executeTakeFirstOrThrow']>>;

function toAccount(row: AccountRow): UserAccount {
  const { id, email, name, grants, hasSecondFactor, version } = row;
  return {
    id,
    email,
    name,
    grants,
    disabledAt: row.disabledAt?.toISOString() ?? null,
    hasSecondFactor,
    lastLoginAt: row.lastLoginAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    version,
  };
}

/** The newest first. `search` is part of the name or e-mail address. */
export async function listUserAccounts(
  database: Database,
  tenantId: string,
  { search, cursor, limit }: { search?: string | undefined; cursor?: string | undefined; limit: number },
): Promise<Page<UserAccount>> {
  let query = selectAccounts(database, tenantId)
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1);
  if (search) {
    const pattern = `%${search.replace(/[\\%_]/g, '\\$&')}%`;
    query = query.where((eb) => eb.or([eb('email', 'ilike', pattern), eb('name', 'ilike', pattern)]));
  }
  if (cursor) {
    const after = decodeCursor(cursor);
    query = query.where(sql<boolean>`(created_at, id) < (${after.at}::timestamptz, ${after.id}::uuid)`);
  }
  const rows = await query.execute();
  const page = rows.slice(0, limit);
  const last = page.at(-1);
  return {
    items: page.map(toAccount),
    next: rows.length > limit && last ? encodeCursor(last.at, last.id) : null,
  };
}

/** Throws 'not-found'. */
export async function getUserAccount(database: Database, tenantId: string, id: string): Promise<UserAccount> {
  const row = await selectAccounts(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  return toAccount(row);
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function updateUserAccount(
  database: Database,
  tenantId: string,
  id: string,
  patch: { name?: string | undefined; grants?: readonly Grant[] | undefined; disabled?: boolean | undefined },
  ifVersion?: number,
): Promise<UserAccount> {
  const { numUpdatedRows } = await database
    .updateTable('users')
    .set({ version: sql`version + 1` })
    .$if(patch.name !== undefined, (query) => query.set({ name: patch.name! }))
    .$if(patch.disabled === true, (query) => query.set({ disabled_at: sql`coalesce(disabled_at, now())` }))
    .$if(patch.disabled === false, (query) => query.set({ disabled_at: null }))
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) return await refuseStale(findId(database, tenantId, id));
  if (patch.grants) await replaceGrants(database, tenantId, id, patch.grants);
  return await getUserAccount(database, tenantId, id);
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function deleteUserAccount(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion?: number,
): Promise<void> {
  const { numDeletedRows } = await database
    .deleteFrom('users')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numDeletedRows === 0n) await refuseStale(findId(database, tenantId, id));
}

/** Changes of who administers a tenant come one after the other: each sees what the one before has left. */
export async function lockAdministrators(database: Database, tenantId: string): Promise<void> {
  await sql`select pg_advisory_xact_lock(hashtextextended('administrators ' || ${tenantId}::text, 0))`.execute(
    database,
  );
}

/** How many users, who may sign in, have one of these roles for the whole tenant. */
export async function countUsersWithRole(
  database: Database,
  tenantId: string,
  roleIds: readonly string[],
): Promise<number> {
  const { count } = await database
    .selectFrom('users')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .where('disabled_at', 'is', null)
    .where(({ exists, selectFrom }) =>
      exists(
        selectFrom('grants')
          .select('role_id')
          .whereRef('user_id', '=', 'users.id')
          .where('role_id', 'in', [...roleIds])
          .where('group_ids', 'is', null),
      ),
    )
    .executeTakeFirstOrThrow();
  return count;
}

async function findId(database: Database, tenantId: string, id: string): Promise<{ id: string } | undefined> {
  return await database
    .selectFrom('users')
    .select('id')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}
