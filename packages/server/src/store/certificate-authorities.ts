/** Certificate authorities that tenants trust. */
import { randomUUID } from 'node:crypto';
import type { CertificateAuthority } from '@lovely/api';
import type { AuthorityCertificate } from '../domain/certificate-chain.ts';
import { LovelyError } from '../errors.ts';
import { CERTIFICATE_AUTHORITIES_MAX } from '../limits.ts';
import type { Database } from './store.ts';

export async function listCertificateAuthorities(
  database: Database,
  tenantId: string,
): Promise<CertificateAuthority[]> {
  const rows = await selectAuthorities(database, tenantId).orderBy('created_at', 'desc').orderBy('id').execute();
  return rows.map(toAuthority);
}

/** Throws 'authority-exists', or 'bad-input' when there are too many. */
export async function insertCertificateAuthority(
  database: Database,
  tenantId: string,
  name: string,
  certificate: AuthorityCertificate,
): Promise<CertificateAuthority> {
  const { count } = await database
    .selectFrom('certificate_authorities')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count >= CERTIFICATE_AUTHORITIES_MAX)
    throw new LovelyError('bad-input', `There are ${CERTIFICATE_AUTHORITIES_MAX} authorities already.`);
  const id = randomUUID();
  const { numInsertedOrUpdatedRows } = await database
    .insertInto('certificate_authorities')
    .values({
      id,
      tenant_id: tenantId,
      name,
      certificate: certificate.pem,
      fingerprint: certificate.fingerprint,
      subject: certificate.subject,
      subject_hash: certificate.subjectHash,
      not_before: certificate.notBefore,
      not_after: certificate.notAfter,
    })
    .onConflict((conflict) => conflict.columns(['tenant_id', 'fingerprint']).doNothing())
    .executeTakeFirst();
  if (numInsertedOrUpdatedRows === 0n) throw new LovelyError('authority-exists');
  return toAuthority(await selectAuthorities(database, tenantId).where('id', '=', id).executeTakeFirstOrThrow());
}

/** Returns what it was. Throws 'not-found'. */
export async function deleteCertificateAuthority(
  database: Database,
  tenantId: string,
  id: string,
): Promise<CertificateAuthority> {
  const row = await selectAuthorities(database, tenantId).where('id', '=', id).executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  await database.deleteFrom('certificate_authorities').where('tenant_id', '=', tenantId).where('id', '=', id).execute();
  return toAuthority(row);
}

/** Authorities of all tenants with one of these subjects. */
export async function findAuthoritiesBySubject(
  database: Database,
  subjectHashes: readonly Buffer[],
): Promise<{ tenantId: string; pem: string }[]> {
  return await database
    .selectFrom('certificate_authorities')
    .select(['tenant_id as tenantId', 'certificate as pem'])
    .where('subject_hash', 'in', [...subjectHashes])
    .execute();
}

const selectAuthorities = (database: Database, tenantId: string) =>
  database
    .selectFrom('certificate_authorities')
    .select(['id', 'name', 'subject', 'fingerprint', 'not_before', 'not_after', 'created_at'])
    .where('tenant_id', '=', tenantId);

type AuthorityRow = Awaited<ReturnType<ReturnType<typeof selectAuthorities>['executeTakeFirstOrThrow']>>;

function toAuthority(row: AuthorityRow): CertificateAuthority {
  return {
    id: row.id,
    name: row.name,
    subject: row.subject,
    fingerprint: row.fingerprint,
    notBefore: row.not_before.toISOString(),
    notAfter: row.not_after.toISOString(),
    createdAt: row.created_at.toISOString(),
  };
}
