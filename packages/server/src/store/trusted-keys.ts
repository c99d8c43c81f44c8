/** Trusted keys, and which of them has signed an artifact. */
import { createHash, randomUUID } from 'node:crypto';
import { sql } from 'kysely';
import type { TrustedKey } from '@lovely/api';
import { isSignedBy, readVerificationKey } from '@lovely/artifact';
import { LovelyError } from '../errors.ts';
import { TRUSTED_KEYS_MAX } from '../software-limits.ts';
import type { Database } from './store.ts';
import { isVersion, refuseStale } from './version.ts';

const ALGORITHMS = { rsa: 'rsa', ec: 'ecdsa', ed25519: 'ed25519' } as const;

export async function listTrustedKeys(database: Database, tenantId: string): Promise<TrustedKey[]> {
  const rows = await database
    .selectFrom('trusted_keys')
    .selectAll()
    .select(
      sql<number>`(select count(*) from artifacts where artifacts.signed_by = trusted_keys.id)::int`.as('artifacts'),
    )
    .where('tenant_id', '=', tenantId)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  return rows.map((row) => ({
    id: row.id,
    name: row.name,
    publicKeyPem: row.public_key_pem,
    algorithm: row.algorithm,
    fingerprint: row.fingerprint,
    artifacts: row.artifacts,
    createdAt: row.created_at.toISOString(),
    version: row.version,
  }));
}

/** Throws 'not-found'. */
export async function getTrustedKey(database: Database, tenantId: string, id: string): Promise<TrustedKey> {
  const key = (await listTrustedKeys(database, tenantId)).find((one) => one.id === id);
  if (!key) throw new LovelyError('not-found');
  return key;
}

/** Trusts a key; artifacts that it has signed are known as signed by it. Throws 'bad-input', 'key-exists' or 'limit-reached'. */
export async function insertTrustedKey(
  database: Database,
  tenantId: string,
  { name, publicKeyPem }: { readonly name: string; readonly publicKeyPem: string },
): Promise<TrustedKey> {
  const { key, ...described } = describeKey(publicKeyPem);
  const keys = await listTrustedKeys(database, tenantId);
  if (keys.some(({ fingerprint }) => fingerprint === described.fingerprint)) throw new LovelyError('key-exists');
  if (keys.length >= TRUSTED_KEYS_MAX)
    throw new LovelyError('limit-reached', `At most ${TRUSTED_KEYS_MAX} keys may be trusted.`);
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('trusted_keys')
    .values({ id, tenant_id: tenantId, name, ...described })
    .onConflict((conflict) => conflict.doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw new LovelyError('key-exists');
  const unknown = await database
    .selectFrom('artifacts')
    .select(['id', 'manifest', 'signature'])
    .where('tenant_id', '=', tenantId)
    .where('signed_by', 'is', null)
    .where('signature', 'is not', null)
    .execute();
  const signed = unknown.filter(
    ({ manifest, signature }) => manifest && signature && isSignedBy(manifest, signature, key),
  );
  if (signed.length > 0)
    await database
      .updateTable('artifacts')
      .set({ signed_by: id })
      .where(
        'id',
        'in',
        signed.map((artifact) => artifact.id),
      )
      .execute();
  return await getTrustedKey(database, tenantId, id);
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function renameTrustedKey(
  database: Database,
  tenantId: string,
  id: string,
  name: string,
  ifVersion: number | undefined,
): Promise<void> {
  const { numUpdatedRows } = await database
    .updateTable('trusted_keys')
    .set({ name, version: sql`version + 1` })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await refuseStale(getTrustedKey(database, tenantId, id));
}

/** Throws 'not-found' or 'changed-meanwhile'. */
export async function deleteTrustedKey(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  const { numDeletedRows } = await database
    .deleteFrom('trusted_keys')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numDeletedRows === 0n) await refuseStale(getTrustedKey(database, tenantId, id));
}

/** The trusted key that has signed this; undefined for none. */
export async function findSigner(
  database: Database,
  tenantId: string,
  { manifest, signature }: { readonly manifest: Uint8Array; readonly signature: string },
): Promise<string | undefined> {
  const keys = await database
    .selectFrom('trusted_keys')
    .select(['id', 'public_key_pem as pem'])
    .where('tenant_id', '=', tenantId)
    .execute();
  return keys.find(({ pem }) => isSignedBy(manifest, signature, readVerificationKey(pem)))?.id;
}

function describeKey(pem: string) {
  // A private half would be read as well, and nobody may give one away by mistake.
  if (/PRIVATE KEY/.test(pem))
    throw new LovelyError('bad-input', 'This is a private key: keep it, and send its public half.', {
      pointer: '/publicKeyPem',
    });
  try {
    const key = readVerificationKey(pem);
    const der = key.export({ format: 'der', type: 'spki' });
    return {
      key,
      public_key_pem: key.export({ format: 'pem', type: 'spki' }).toString(),
      algorithm: ALGORITHMS[key.asymmetricKeyType as keyof typeof ALGORITHMS],
      fingerprint: createHash('sha256').update(der).digest('hex').match(/../g)!.join(':'),
    };
  } catch (cause) {
    throw new LovelyError('bad-input', (cause as Error).message, { pointer: '/publicKeyPem', cause });
  }
}
