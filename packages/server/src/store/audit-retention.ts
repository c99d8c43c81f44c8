/** Forgets entries of the audit log that are older than their tenant wants to keep. */
import { sql } from 'kysely';
import { AUDIT_RETENTION_DAYS_DEFAULT } from '../limits.ts';
import { forgetAudit } from './audit.ts';
import type { Database } from './store.ts';

/** Needs a connection of the system: nobody who works for a tenant may delete entries. */
export async function forgetOldAudit(database: Database): Promise<void> {
  const { rows } = await sql<{ tenantId: string; before: Date }>`
    with wanted as (
      select id, now() - make_interval(days => coalesce((settings->>'auditRetentionDays')::int, ${AUDIT_RETENTION_DAYS_DEFAULT})) as before
      from tenants)
    select wanted.id as "tenantId", wanted.before from wanted
    join audit_heads on audit_heads.tenant_id = wanted.id
    join audit_entries on audit_entries.tenant_id = wanted.id and audit_entries.position = audit_heads.first_position
    where audit_entries.at < wanted.before`.execute(database);
  for (const { tenantId, before } of rows) await forgetAudit(database, tenantId, before);
}
