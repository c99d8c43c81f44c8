/** Rules of a tenant: what each is, was, and whom it reaches. */
import { sql } from 'kysely';
import type { Rule as ShownRule, RuleOf, RuleTarget, RuleVersion } from '@lovely/api';
import { DEFAULT_RULES } from '../domain/default-rules.ts';
import type { DeviceScope } from '../domain/device-scope.ts';
import type { Rule, StoredRule } from '../domain/rule.ts';
import { LovelyError } from '../errors.ts';
import { RULE_VERSIONS_SHOWN_MAX, RULES_OF_TENANT_MAX } from '../limits.ts';
import { withinScope } from './device-filter.ts';
import type { Database } from './store.ts';
import { inTransaction } from './transaction.ts';

export interface RuleRecord extends StoredRule {
  readonly origin: 'built-in' | 'own';
}

/**
 * Gives every tenant, or one, the default rules that it doesn't have, and brings those up to date that nobody changed. A
 * rule of its own under such a key stays.
 */
export async function addDefaultRules(database: Database, tenantId?: string): Promise<void> {
  const rules = DEFAULT_RULES;
  // What is as it should be is not touched: every process that starts comes by here.
  await sql`
    with wanted as (
      select tenants.id as tenant_id, rule.key, rule.body ->> 'severity' as severity, rule.body ->> 'title' as title,
        rule.body ->> 'description' as description, rule.body ->> 'cause' as cause,
        array(select jsonb_array_elements_text(rule.body -> 'suggestion')) as suggestion, rule.body -> 'watch' as watch,
        rule.body -> 'of' as "of", rule.body -> 'target' as target, rule.body ->> 'evaluatedBy' as evaluated_by,
        (rule.body ->> 'enabled')::boolean as enabled
      from tenants, unnest(${rules.map((rule) => rule.key)}::text[], ${rules.map((rule) => JSON.stringify(rule))}::jsonb[])
        as rule(key, body)
      where ${tenantId ?? null}::uuid is null or tenants.id = ${tenantId ?? null}::uuid),
    written as (
      insert into rules as known (tenant_id, key, ${COLUMNS})
      select wanted.* from wanted left join rules on rules.tenant_id = wanted.tenant_id and rules.key = wanted.key
      where rules.key is null or (rules.pristine and rules.origin = 'built-in' and ${differ('rules', 'wanted')})
      order by wanted.tenant_id, wanted.key
      on conflict (tenant_id, key) do update set (${COLUMNS}) = row (${ofRow('excluded')}),
        version = known.version + 1, updated_at = now(), updated_by = null
      where known.pristine and known.origin = 'built-in' and ${differ('known', 'excluded')}
      returning *)
    insert into rule_versions (tenant_id, key, version, rule, created_at)
    select tenant_id, key, version, ${RULE_OBJECT}, updated_at from written`.execute(database);
}

const WRITTEN = [
  'severity',
  'title',
  'description',
  'cause',
  'suggestion',
  'watch',
  '"of"',
  'target',
  'evaluated_by',
  'enabled',
];
const COLUMNS = sql.raw(WRITTEN.join(', '));
const ofRow = (table: string) => sql.raw(WRITTEN.map((column) => `${table}.${column}`).join(', '));
const differ = (one: string, other: string) => sql`(${ofRow(one)}) is distinct from (${ofRow(other)})`;

/** A row of `rules` as what people write. */
const RULE_OBJECT = sql.raw(`jsonb_build_object('key', key, 'title', title, 'severity', severity,
  'description', description, 'cause', cause, 'suggestion', to_jsonb(suggestion), 'watch', watch, 'of', "of",
  'target', target, 'evaluatedBy', evaluated_by, 'enabled', enabled)`);

/** The enabled rules of a tenant that devices, or workers, evaluate. */
export async function listEvaluatedRules(
  database: Database,
  tenantId: string,
  by: Rule['evaluatedBy'],
): Promise<StoredRule[]> {
  const rows = await selectRules(database, tenantId)
    .where('enabled', '=', true)
    .where('evaluated_by', '=', by)
    .orderBy('key')
    .execute();
  return rows.map(recordOf);
}

/** The tenants with enabled rules that a worker evaluates, besides those that are built in. */
export async function listTenantsToEvaluate(database: Database): Promise<string[]> {
  const { rows } = await sql<{ tenantId: string }>`
    select distinct tenant_id as "tenantId" from rules
    where enabled and evaluated_by = 'server' and watch ->> 'kind' not in ('offline', 'clone', 'configuration') order by 1`.execute(
    database,
  );
  return rows.map((row) => row.tenantId);
}

export const EVERY_HOUSE: RuleTarget = { deviceTypes: [], groupIds: [], deviceIds: [] };

/** All rules by title, with their open alerts in the scope. */
export async function listRules(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  key?: string,
): Promise<ShownRule[]> {
  let query = selectRules(database, tenantId)
    .select(['pristine', 'updated_at', 'updated_by'])
    .orderBy('title')
    .orderBy('key');
  if (key !== undefined) query = query.where('key', '=', key);
  const rows = await query.execute();
  const inScope =
    scope.kind === 'all' ? sql`` : sql`join devices on devices.id = alerts.device_id and ${withinScope(scope)}`;
  const { rows: open } = await sql<{ rule: string; count: number }>`
    select alerts.rule, count(*)::int as count from alerts ${inScope}
    where alerts.tenant_id = ${tenantId} and alerts.closed_at is null
      and ${key === undefined ? sql`true` : sql`alerts.rule = ${key}`} group by 1`.execute(database);
  const counts = new Map(open.map((row) => [row.rule, row.count]));
  return rows.map((row) => ({
    ...recordOf(row),
    edited: row.origin === 'built-in' && !row.pristine,
    openAlerts: counts.get(row.key) ?? 0,
    updatedAt: row.updated_at.toISOString(),
    updatedBy: row.updated_by,
  }));
}

/** Throws 'not-found'. */
export async function getRule(
  database: Database,
  tenantId: string,
  scope: DeviceScope,
  key: string,
): Promise<ShownRule> {
  const [rule] = await listRules(database, tenantId, scope, key);
  if (!rule) throw new LovelyError('not-found');
  return rule;
}

/**
 * The rule, which nobody else changes until the transaction ends.
 * Throws 'not-found', or 'changed-meanwhile' when it isn't the version that was named.
 */
export async function lockRule(
  database: Database,
  tenantId: string,
  key: string,
  ifVersion: number | undefined,
): Promise<RuleRecord> {
  const row = await selectRules(database, tenantId).where('key', '=', key).forUpdate().executeTakeFirst();
  if (!row) throw new LovelyError('not-found');
  if (ifVersion !== undefined && row.version !== ifVersion) throw new LovelyError('changed-meanwhile');
  return recordOf(row);
}

/** Throws 'name-taken' or 'limit-reached'. */
export async function insertRule(database: Database, tenantId: string, rule: Rule, by: string): Promise<void> {
  await inTransaction(database, async (transaction) => {
    // Two that are made at the same time wait for each other, or both would be the last that fits.
    await sql`select pg_advisory_xact_lock(hashtextextended(${`rules ${tenantId}`}, 0))`.execute(transaction);
    const { count } = await transaction
      .selectFrom('rules')
      .select((eb) => eb.fn.countAll<number>().as('count'))
      .where('tenant_id', '=', tenantId)
      .executeTakeFirstOrThrow();
    if (count >= RULES_OF_TENANT_MAX)
      throw new LovelyError('limit-reached', `There are ${RULES_OF_TENANT_MAX} rules already.`);
    const made = await transaction
      .insertInto('rules')
      .values({
        tenant_id: tenantId,
        key: rule.key,
        origin: 'own',
        pristine: false,
        updated_by: by,
        ...columnsOf(rule),
      })
      .onConflict((conflict) => conflict.columns(['tenant_id', 'key']).doNothing())
      .executeTakeFirst();
    if (made.numInsertedOrUpdatedRows === 0n)
      throw new LovelyError('name-taken', 'There is a rule with this key already.', { pointer: '/key' });
    await transaction
      .deleteFrom('deleted_rules')
      .where('tenant_id', '=', tenantId)
      .where('key', '=', rule.key)
      .execute();
    await keepVersion(transaction, tenantId, rule.key);
  });
}

/** Changes a rule that is locked; what it was is kept. */
export async function updateRule(
  database: Database,
  tenantId: string,
  rule: Rule,
  by: string,
  pristine: boolean,
): Promise<void> {
  await database
    .updateTable('rules')
    .set({ ...columnsOf(rule), pristine, version: sql`version + 1`, updated_at: sql`now()`, updated_by: by })
    .where('tenant_id', '=', tenantId)
    .where('key', '=', rule.key)
    .execute();
  await keepVersion(database, tenantId, rule.key);
}

/** Deletes a rule with its versions; a worker closes what is open of it. */
export async function deleteRule(database: Database, tenantId: string, key: string): Promise<void> {
  await database.deleteFrom('rules').where('tenant_id', '=', tenantId).where('key', '=', key).execute();
  await sql`insert into deleted_rules (tenant_id, key) values (${tenantId}, ${key})
    on conflict (tenant_id, key) do update set deleted_at = now()`.execute(database);
}

/** What a rule was, the newest first. Throws 'not-found'. */
export async function listRuleVersions(database: Database, tenantId: string, key: string): Promise<RuleVersion[]> {
  const rows = await database
    .selectFrom('rule_versions')
    .select(['version', 'rule', 'created_at', 'created_by'])
    .where('tenant_id', '=', tenantId)
    .where('key', '=', key)
    .orderBy('version', 'desc')
    .limit(RULE_VERSIONS_SHOWN_MAX)
    .execute();
  if (rows.length === 0) throw new LovelyError('not-found');
  return rows.map(({ version, rule, created_at: createdAt, created_by: createdBy }) => ({
    version,
    rule,
    createdAt: createdAt.toISOString(),
    createdBy,
  }));
}

async function keepVersion(database: Database, tenantId: string, key: string): Promise<void> {
  await sql`insert into rule_versions (tenant_id, key, version, rule, created_at, created_by)
    select tenant_id, key, version, ${RULE_OBJECT}, updated_at, updated_by from rules
    where tenant_id = ${tenantId} and key = ${key}`.execute(database);
}

function columnsOf(rule: Rule) {
  return {
    severity: rule.severity,
    title: rule.title,
    description: rule.description,
    cause: rule.cause,
    suggestion: [...rule.suggestion],
    watch: JSON.stringify(rule.watch),
    of: JSON.stringify(rule.of satisfies RuleOf),
    target: JSON.stringify(rule.target),
    evaluated_by: rule.evaluatedBy,
    enabled: rule.enabled,
  };
}

const selectRules = (database: Database, tenantId: string) =>
  database
    .selectFrom('rules')
    .select([
      'key',
      'severity',
      'title',
      'description',
      'cause',
      'suggestion',
      'watch',
      'of',
      'target',
      'evaluated_by',
      'enabled',
      'origin',
      'version',
    ])
    .where('tenant_id', '=', tenantId);

type RuleRow = Awaited<ReturnType<ReturnType<typeof selectRules>['executeTakeFirstOrThrow']>>;

function recordOf(row: RuleRow): RuleRecord {
  const { key, severity, title, description, cause, suggestion, watch, of, target, enabled, origin, version } = row;
  const evaluatedBy = row.evaluated_by;
  return {
    key,
    title,
    severity,
    description,
    cause,
    suggestion,
    watch,
    of,
    target,
    evaluatedBy,
    enabled,
    origin,
    version,
  };
}
