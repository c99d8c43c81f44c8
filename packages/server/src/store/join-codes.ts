/** Join codes: made and revoked by people, used by devices. */
import { randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { JoinCode } from '@lovely/api';
import type { UsableCode } from '../domain/joining.ts';
import { LovelyError } from '../errors.ts';
import { JOIN_CODES_MAX } from '../limits.ts';
import { getDeviceGroup } from './groups.ts';
import type { Database } from './store.ts';

export interface NewJoinCode {
  readonly name: string;
  readonly codeHash: Buffer;
  readonly expiresInMinutes: number | null;
  readonly usesMax: number | null;
  readonly accept: boolean;
  readonly groupId: string | null;
  readonly tags: readonly string[];
}

/** All of them, newest first; their number is limited. */
export async function listJoinCodes(database: Database, tenantId: string): Promise<JoinCode[]> {
  const rows = await selectJoinCodes(database, tenantId).orderBy('created_at', 'desc').orderBy('id').execute();
  return rows.map(toJoinCode);
}

/** Throws 'bad-input' for a group that isn't a static one of the tenant, and when there are too many codes. */
export async function insertJoinCode(database: Database, tenantId: string, code: NewJoinCode): Promise<JoinCode> {
  if (code.groupId !== null) await requireStaticGroup(database, tenantId, code.groupId);
  const { count } = await database
    .selectFrom('join_codes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count >= JOIN_CODES_MAX)
    throw new LovelyError('bad-input', `There are ${JOIN_CODES_MAX} join codes already; revoke some first.`);
  const id = randomUUID();
  await database
    .insertInto('join_codes')
    .values({
      id,
      tenant_id: tenantId,
      name: code.name,
      code_hash: code.codeHash,
      expires_at:
        code.expiresInMinutes === null ? null : sql<Date>`now() + make_interval(mins => ${code.expiresInMinutes}::int)`,
      uses_max: code.usesMax,
      accept: code.accept,
      group_id: code.groupId,
      tags: [...code.tags],
    })
    .execute();
  return toJoinCode(await selectJoinCodes(database, tenantId).where('id', '=', id).executeTakeFirstOrThrow());
}

/** Revokes a code; returns what it was. Throws 'not-found'. */
export async function deleteJoinCode(database: Database, tenantId: string, id: string): Promise<JoinCode> {
  const row = await selectJoinCodes(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  await database.deleteFrom('join_codes').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  return toJoinCode(row);
}

/** The code that a device says, whichever tenant's it is. */
export async function findJoinCode(database: Database, codeHash: Buffer): Promise<UsableCode | undefined> {
  const row = await database
    .selectFrom('join_codes')
    .select(['id', 'tenant_id as tenantId', 'accept', 'name', 'uses', 'uses_max as usesMax', isExpired.as('expired')])
    .where('code_hash', '=', codeHash)
    .executeTakeFirst();
  if (!row) return undefined;
  const { id, tenantId, accept } = row;
  return { id, tenantId, accept, spent: whySpent(row) };
}

export interface JoinCodeUse {
  readonly groupId: string | null;
  readonly tags: readonly string[];
}

/** Uses a code up by one, exactly: of two devices that come for the last use one gets 'bad-join-code'. */
export async function takeJoinCode(database: Database, id: string): Promise<JoinCodeUse> {
  const row = await database
    .updateTable('join_codes')
    .set((eb) => ({ uses: eb('uses', '+', 1) }))
    .where('id', '=', id)
    .where((eb) => eb.or([eb('uses_max', 'is', null), eb('uses', '<', eb.ref('uses_max'))]))
    .where(sql<boolean>`not ${isExpired}`)
    .returning(['group_id as groupId', 'tags'])
    .executeTakeFirst();
  if (!row) throw new LovelyError('bad-join-code', 'The join code was used up or revoked a moment ago.');
  return row;
}

/** Codes that stopped working so long ago that nobody asks why. */
export async function deleteOldJoinCodes(database: Database, days: number): Promise<void> {
  await database
    .deleteFrom('join_codes')
    .where('expires_at', '<', sql<Date>`now() - make_interval(days => ${days}::int)`)
    .execute();
}

const isExpired = sql<boolean>`coalesce(expires_at < clock_timestamp(), false)`;

const selectJoinCodes = (database: Database, tenantId: string) =>
  database.selectFrom('join_codes').selectAll().select(isExpired.as('expired')).where('tenant_id', '=', tenantId);

type JoinCodeRow = Awaited<ReturnType<ReturnType<typeof selectJoinCodes>['executeTakeFirstOrThrow']>>;

function toJoinCode(row: JoinCodeRow): JoinCode {
  return {
    id: row.id,
    name: row.name,
    expiresAt: row.expires_at?.toISOString() ?? null,
    uses: row.uses,
    usesMax: row.uses_max,
    accept: row.accept,
    groupId: row.group_id,
    tags: row.tags,
    createdAt: row.created_at.toISOString(),
    usable: whySpent({ ...row, usesMax: row.uses_max }) === undefined,
  };
}

function whySpent({
  name,
  uses,
  usesMax,
  expired,
}: {
  name: string;
  uses: number;
  usesMax: number | null;
  expired: boolean;
}): string | undefined {
  if (expired) return `The join code "${name}" has expired; ask for a new one.`;
  if (usesMax !== null && uses >= usesMax) return `The join code "${name}" is used up; ask for a new one.`;
  return undefined;
}

async function requireStaticGroup(database: Database, tenantId: string, groupId: string): Promise<void> {
  const group = await getDeviceGroup(database, tenantId, groupId).catch((cause: unknown) => {
    throw new LovelyError('bad-input', 'There is no such group.', { pointer: '/groupId', cause });
  });
  if (group.kind !== 'static')
    throw new LovelyError('bad-input', 'Who is in this group is decided by its filter; choose a static one.', {
      pointer: '/groupId',
    });
}
