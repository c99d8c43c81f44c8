/** Fixes: what to do about the alerts of a rule, and how often it helped. */
import { sql, type Selectable } from 'kysely';
import type { Fix, FixAction, FixAutomatic, FixParameter } from '@lovely/api';
import { DEFAULT_FIXES, NOT_AUTOMATIC, type DefaultFix } from '../domain/default-fixes.ts';
import { isRunnable, sha256Of } from '../domain/fix-action.ts';
import { LovelyError } from '../errors.ts';
import { FIXES_MAX } from '../limits.ts';
import type { Schema } from './schema.ts';
import type { Database } from './store.ts';
import { isVersion, refuseStale } from './version.ts';

/** Gives every tenant, or one, the default fixes that it doesn't have, and brings those up to date that nobody changed. */
export async function addDefaultFixes(database: Database, tenantId?: string): Promise<void> {
  const bodies = DEFAULT_FIXES.map((fix) => JSON.stringify({ ...fix, automatic: NOT_AUTOMATIC }));
  await sql`
    insert into fixes as known (id, tenant_id, rule, key, title, steps, risk, takes_ms, parameters, actions, check_ms, automatic)
    select gen_random_uuid(), tenants.id, body ->> 'rule', body ->> 'key', body ->> 'title',
      array(select jsonb_array_elements_text(body -> 'steps')), body ->> 'risk', (body ->> 'takesMs')::integer,
      body -> 'parameters', body -> 'actions', (body ->> 'checkMs')::integer, body -> 'automatic'
    from tenants, unnest(${bodies}::jsonb[]) as body
    where ${tenantId ?? null}::uuid is null or tenants.id = ${tenantId ?? null}::uuid
    order by tenants.id, body ->> 'key'
    on conflict (tenant_id, key) where key is not null do update set rule = excluded.rule, title = excluded.title,
      steps = excluded.steps, risk = excluded.risk, takes_ms = excluded.takes_ms, parameters = excluded.parameters,
      actions = excluded.actions, check_ms = excluded.check_ms, version = known.version + 1, updated_at = now()
    where not known.edited
      and (known.rule, known.title, known.steps, known.risk, known.takes_ms, known.parameters, known.actions, known.check_ms)
      is distinct from (excluded.rule, excluded.title, excluded.steps, excluded.risk, excluded.takes_ms,
        excluded.parameters, excluded.actions, excluded.check_ms)`.execute(database);
}

export interface FixQuery {
  readonly rule?: string | undefined;
  readonly id?: string | undefined;
  /** Orders by how often they helped on this model before how often in all. */
  readonly model?: string | undefined;
}

/** Of fixes that promise the same, the one that can do the least harm stands first. */
const RISK_RANKS = { low: 0, medium: 1, high: 2 } as const;

/** Fixes that helped most often first; one that few have tried stands between those that help and those that don't. */
export async function listFixes(database: Database, tenantId: string, query: FixQuery = {}): Promise<Fix[]> {
  let select = database
    .selectFrom('fixes')
    .selectAll()
    .where('tenant_id', '=', tenantId)
    .orderBy('rule')
    .orderBy('title');
  if (query.rule !== undefined) select = select.where('rule', '=', query.rule);
  if (query.id !== undefined) select = select.where('id', '=', query.id);
  const rows = await select.execute();
  const ids = rows.map(({ id }) => id);
  const stats = ids.length === 0 ? [] : await selectStats(database, ids);
  const fixes = rows.map((row) =>
    toFix(
      row,
      stats.filter((one) => one.fix_id === row.id),
    ),
  );
  const rankOf = (fix: Fix): number => {
    const ofModel = fix.stats.byModel.find(({ model }) => model === query.model);
    return promise(ofModel) + promise(fix.stats) / 1000 + (fix.isRunnable ? 1e-6 : 0) - RISK_RANKS[fix.risk] * 1e-7;
  };
  return fixes.toSorted((a, b) => rankOf(b) - rankOf(a));
}

/** Throws 'not-found'. */
export async function getFix(database: Database, tenantId: string, id: string): Promise<Fix> {
  const [found] = await listFixes(database, tenantId, { id });
  if (!found) throw new LovelyError('not-found');
  return found;
}

/** What people write of a fix. */
export interface FixContent {
  readonly title: string;
  readonly steps: readonly string[];
  readonly risk: Fix['risk'];
  readonly takesMs: number | null;
  readonly parameters: readonly FixParameter[];
  readonly actions: readonly FixAction[];
  readonly checkMs: number;
  readonly automatic: FixAutomatic;
}

/** Throws 'bad-input' for a rule that there isn't, and 'limit-reached'. */
export async function insertFix(
  database: Database,
  tenantId: string,
  { id, rule, ...content }: FixContent & { readonly id: string; readonly rule: string },
): Promise<void> {
  const { count } = await database
    .selectFrom('fixes')
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .where('tenant_id', '=', tenantId)
    .executeTakeFirstOrThrow();
  if (count >= FIXES_MAX) throw new LovelyError('limit-reached');
  const known = await database
    .selectFrom('rules')
    .select('key')
    .where('tenant_id', '=', tenantId)
    .where('key', '=', rule)
    .executeTakeFirst();
  if (!known) throw new LovelyError('bad-input', 'There is no such rule.', { pointer: '/rule' });
  await database
    .insertInto('fixes')
    .values({ id, tenant_id: tenantId, rule, ...columnsOf(content) })
    .execute();
}

/** Changes a fix. Throws 'not-found' or 'changed-meanwhile'. */
export async function updateFix(
  database: Database,
  tenantId: string,
  id: string,
  content: FixContent,
  ifVersion: number | undefined,
): Promise<void> {
  const columns = columnsOf(content);
  const { numUpdatedRows } = await database
    .updateTable('fixes')
    .set({
      ...columns,
      // One that only runs by itself now is still as it came, and goes on to follow us.
      edited: sql<boolean>`edited or (key is not null and (title, steps, risk, takes_ms, parameters, actions, check_ms)
        is distinct from (${columns.title}, ${columns.steps}::text[], ${columns.risk}, ${columns.takes_ms}::integer,
          ${columns.parameters}::jsonb, ${columns.actions}::jsonb, ${columns.check_ms}::integer))`,
      version: sql`version + 1`,
      updated_at: sql<Date>`now()`,
    })
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numUpdatedRows === 0n) await refuseStale(findFix(database, tenantId, id));
}

/** Makes a built-in fix as it came; its guard rails for running by itself stay off. Throws 'not-found', 'bad-input' or 'changed-meanwhile'. */
export async function resetFix(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  const row = await findFix(database, tenantId, id);
  if (!row) throw new LovelyError('not-found');
  const builtIn: DefaultFix | undefined = DEFAULT_FIXES.find(({ key }) => key === row.key);
  if (!builtIn) throw new LovelyError('bad-input', 'This fix is of your own: it came from nowhere else.');
  await updateFix(database, tenantId, id, { ...builtIn, automatic: NOT_AUTOMATIC }, ifVersion);
  await database.updateTable('fixes').set({ edited: false }).where('id', '=', id).execute();
}

/** Throws 'not-found', 'changed-meanwhile', or 'bad-input' for a built-in one. */
export async function deleteFix(
  database: Database,
  tenantId: string,
  id: string,
  ifVersion: number | undefined,
): Promise<void> {
  const row = await findFix(database, tenantId, id);
  if (row?.key != null) throw new LovelyError('bad-input', 'A built-in fix can be changed, and not deleted.');
  const { numDeletedRows } = await database
    .deleteFrom('fixes')
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .where(isVersion(ifVersion))
    .executeTakeFirst();
  if (numDeletedRows === 0n) await refuseStale(findFix(database, tenantId, id));
}

/** Counts a run that came to an end on its house. */
export async function countFixRun(
  database: Database,
  { tenantId, fixId, model, helped }: { tenantId: string; fixId: string; model: string; helped: boolean },
): Promise<void> {
  await sql`insert into fix_stats as known (fix_id, model, tenant_id, tried, helped)
    values (${fixId}, ${model}, ${tenantId}, 1, ${helped ? 1 : 0})
    on conflict (fix_id, model) do update set tried = known.tried + 1, helped = known.helped + excluded.helped`.execute(
    database,
  );
}

async function findFix(database: Database, tenantId: string, id: string) {
  return await database
    .selectFrom('fixes')
    .select(['id', 'key'])
    .where('tenant_id', '=', tenantId)
    .where('id', '=', id)
    .executeTakeFirst();
}

async function selectStats(database: Database, ids: readonly string[]) {
  return await database
    .selectFrom('fix_stats')
    .select(['fix_id', 'model', 'tried', 'helped'])
    .where('fix_id', 'in', [...ids])
    .orderBy('tried', 'desc')
    .orderBy('model')
    .execute();
}

/** The share of runs that helped, drawn towards a half while there are few (Laplace's rule of succession). */
function promise(stats: { readonly tried: number; readonly helped: number } | undefined): number {
  return ((stats?.helped ?? 0) + 1) / ((stats?.tried ?? 0) + 2);
}

function columnsOf({ title, steps, risk, takesMs, parameters, actions, checkMs, automatic }: FixContent) {
  return {
    title,
    steps: [...steps],
    risk,
    takes_ms: takesMs,
    parameters: JSON.stringify(parameters),
    actions: JSON.stringify(actions),
    check_ms: checkMs,
    automatic: JSON.stringify(automatic),
  };
}

function toFix(
  row: Selectable<Schema['fixes']>,
  stats: readonly { readonly model: string; readonly tried: number; readonly helped: number }[],
): Fix {
  const sum = (of: 'tried' | 'helped'): number => stats.reduce((total, one) => total + one[of], 0);
  return {
    id: row.id,
    rule: row.rule,
    title: row.title,
    steps: row.steps,
    risk: row.risk,
    takesMs: row.takes_ms,
    parameters: row.parameters,
    actions: row.actions,
    checkMs: row.check_ms,
    automatic: row.automatic,
    hashes: row.actions.map((action) => (action.kind === 'script' ? sha256Of(action.content) : null)),
    isRunnable: isRunnable(row.actions),
    stats: {
      tried: sum('tried'),
      helped: sum('helped'),
      byModel: stats.map(({ model, tried, helped }) => ({ model, tried, helped })),
    },
    origin: row.key === null ? 'own' : 'built-in',
    edited: row.edited,
    version: row.version,
    updatedAt: row.updated_at.toISOString(),
  };
}
