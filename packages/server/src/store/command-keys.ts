/** The keys that sign commands. Their public halves and what vouches for them stay, their secrets go with their time. */
import { sql } from 'kysely';
import { COMMAND_KEYS_MAX, type CommandKey } from '@lovely/protocol';
import { createCommandKey, vouchFor } from '../command-signer.ts';
import { COMMAND_KEY_ACCEPT_SECONDS, KEY_ANNOUNCE_SECONDS } from '../limits.ts';
import type { Rotation } from './keys.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

/** Makes the first key when there is none, once, however many processes ask. */
export async function ensureCommandKey(database: Database): Promise<void> {
  await locked(database, async (transaction) => {
    const key = await transaction.selectFrom('command_keys').select('id').limit(1).executeTakeFirst();
    if (key) return;
    const { id, secret, publicKey } = createCommandKey();
    await transaction
      .insertInto('command_keys')
      .values({ id, secret, public_key: Buffer.from(publicKey) })
      .execute();
  });
}

/** The newest keys as gateways are told them, the newest last. */
export async function listCommandKeys(database: Database): Promise<CommandKey[]> {
  const rows = await database
    .selectFrom('command_keys')
    .select([
      'id',
      'public_key',
      'vouched_by',
      'vouch',
      sql<boolean>`coalesce(retired_at <= now(), false)`.as('isRetired'),
    ])
    .orderBy('used_from', 'desc')
    .orderBy('id')
    .limit(COMMAND_KEYS_MAX)
    .execute();
  return rows.toReversed().map(({ id, public_key: publicKey, vouched_by: vouchedBy, vouch, isRetired }) => ({
    id,
    publicKey,
    ...(vouchedBy !== null && vouch ? { vouchedBy, vouch } : {}),
    isRetired,
  }));
}

/** The key to sign with. */
export async function currentCommandKey(database: Database): Promise<{ id: string; secret: string }> {
  return await database
    .selectFrom('command_keys')
    .select(['id', 'secret'])
    .where('used_from', '<=', sql<Date>`now()`)
    .where((where) => where.or([where('retired_at', 'is', null), where('retired_at', '>', sql<Date>`now()`)]))
    .orderBy('used_from', 'desc')
    .orderBy('id')
    .limit(1)
    .executeTakeFirstOrThrow();
}

/** Adds a key that signs when every process knows it; the one before vouches for it and retires some time later. */
export async function rotateCommandKey(database: Database): Promise<Rotation> {
  return await locked(database, async (transaction) => {
    const announced = await transaction
      .selectFrom('command_keys')
      .select(['id', 'used_from as usedFrom'])
      .where('used_from', '>', sql<Date>`now()`)
      .executeTakeFirst();
    if (announced) return { ...announced, isNew: false };
    return await addKey(transaction, KEY_ANNOUNCE_SECONDS, KEY_ANNOUNCE_SECONDS + COMMAND_KEY_ACCEPT_SECONDS);
  });
}

/** For a key that leaked: gateways take no command that it signed once they are told, the next time they connect or are sent one. */
export async function replaceCommandKey(database: Database): Promise<Rotation> {
  return await locked(database, (transaction) => addKey(transaction, 0, 0));
}

/** Forgets the secrets of keys that sign no more. */
export async function forgetCommandSecrets(database: Database): Promise<void> {
  await database
    .updateTable('command_keys')
    .set({ secret: '' })
    .where('retired_at', '<', sql<Date>`now()`)
    .where('secret', '!=', '')
    .execute();
}

export async function commandKeyAgeSeconds(database: Database): Promise<number> {
  const { age } = await database
    .selectFrom('command_keys')
    .select(sql<number>`coalesce(extract(epoch from now() - max(used_from)), 0)::float8`.as('age'))
    .executeTakeFirstOrThrow();
  return age;
}

async function addKey(transaction: Database, usedInSeconds: number, retiredInSeconds: number): Promise<Rotation> {
  const before = await currentCommandKey(transaction);
  const { id, secret, publicKey } = createCommandKey();
  const { usedFrom } = await transaction
    .insertInto('command_keys')
    .values({
      id,
      secret,
      public_key: Buffer.from(publicKey),
      vouched_by: before.id,
      vouch: vouchFor(before.secret, { id, publicKey }),
      used_from: sql<Date>`now() + make_interval(secs => ${usedInSeconds})`,
    })
    .returning('used_from as usedFrom')
    .executeTakeFirstOrThrow();
  await transaction
    .updateTable('command_keys')
    .set({ retired_at: sql<Date>`now() + make_interval(secs => ${retiredInSeconds})` })
    .where('id', '!=', id)
    .where((where) =>
      where.or([
        where('retired_at', 'is', null),
        where('retired_at', '>', sql<Date>`now() + make_interval(secs => ${retiredInSeconds})`),
      ]),
    )
    .execute();
  return { id, usedFrom, isNew: true };
}

async function locked<T>(database: Database, run: (transaction: Database) => Promise<T>): Promise<T> {
  return await inTransaction(database, async (transaction) => {
    await sql`lock table command_keys in share row exclusive mode`.execute(transaction);
    return await run(transaction);
  });
}
