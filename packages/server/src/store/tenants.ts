/** Tenants and the rules each starts with. */
import { sql } from 'kysely';
import { DEFAULT_RULES } from '../domain/default-rules.ts';
import type { Rule } from '../domain/rule.ts';
import type { Database } from './store.ts';

export interface Tenant {
  readonly id: string;
  readonly name: string;
}

/** The tenant that a system starts with; made once, also when several processes start together. */
export async function ensureFirstTenant(database: Database): Promise<Tenant> {
  await sql`insert into tenants (id, name) select gen_random_uuid(), 'Home' where not exists (select from tenants)
    on conflict (name) do nothing`.execute(database);
  const tenant = await database
    .selectFrom('tenants')
    .select(['id', 'name'])
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirstOrThrow();
  await addMissingRules(database, tenant.id);
  return tenant;
}

async function addMissingRules(database: Database, tenantId: string): Promise<void> {
  await database
    .insertInto('rules')
    .values(
      DEFAULT_RULES.map((rule) => ({
        tenant_id: tenantId,
        key: rule.key,
        severity: rule.severity,
        title: rule.title,
        description: rule.description,
        cause: rule.cause,
        suggestion: [...rule.suggestion],
        watch: JSON.stringify(rule.watch),
      })),
    )
    .onConflict((conflict) => conflict.columns(['tenant_id', 'key']).doNothing())
    .execute();
}

/** The enabled rules of a tenant. */
export async function listRules(database: Database, tenantId: string): Promise<Rule[]> {
  return await database
    .selectFrom('rules')
    .select(['key', 'severity', 'title', 'description', 'cause', 'suggestion', 'watch'])
    .where('tenant_id', '=', tenantId)
    .where('enabled', '=', true)
    .orderBy('key')
    .execute();
}
