/** Which columns hold sealed secrets, so that they can be sealed again when the sealing key rotates. */
import { sql } from 'kysely';
import type { Database } from './store.ts';

export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  /** The column that names the row. */
  readonly key: string;
  /** What the seal says the secret is for; the same as where it is sealed and opened. */
  purpose(key: string): string;
}

/** The purpose of a webhook's secrets. */
export const webhookSecret = (id: string): string => `webhook-secret/${id}`;

/** The purpose of the secret that a user's authenticator app has too. */
export const totpSecret = (userId: string): string => `totp-secret/${userId}`;

/** The purpose of the secret that a provider knows us by. */
export const oidcClientSecret = (providerId: string): string => `oidc-client-secret/${providerId}`;

export const SEALED_COLUMNS: readonly SealedColumn[] = [
  { table: 'webhooks', column: 'secret', key: 'id', purpose: webhookSecret },
  { table: 'webhooks', column: 'old_secret', key: 'id', purpose: webhookSecret },
  { table: 'totp_secrets', column: 'secret', key: 'user_id', purpose: totpSecret },
  { table: 'oidc_providers', column: 'client_secret', key: 'id', purpose: oidcClientSecret },
];

export interface SealedRow {
  readonly key: string;
  readonly sealed: string;
}

/** Rows that another key than this sealed. */
export async function listStaleSealed(
  database: Database,
  { table, column, key }: SealedColumn,
  keyId: string,
  limit: number,
): Promise<SealedRow[]> {
  const { rows } = await sql<SealedRow>`
    select ${sql.ref(key)}::text as key, ${sql.ref(column)} as sealed from ${sql.table(table)}
    where ${sql.ref(column)} is not null and not starts_with(${sql.ref(column)}, ${`${keyId}.`})
    order by 1 limit ${limit}`.execute(database);
  return rows;
}

/** Puts the same secret in another seal, unless somebody changed it meanwhile. */
export async function replaceSealed(
  database: Database,
  { table, column, key }: SealedColumn,
  row: SealedRow,
  sealed: string,
): Promise<void> {
  await sql`update ${sql.table(table)} set ${sql.ref(column)} = ${sealed}
    where ${sql.ref(key)}::text = ${row.key} and ${sql.ref(column)} = ${row.sealed}`.execute(database);
}
